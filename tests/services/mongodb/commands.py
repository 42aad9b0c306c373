"""The commands that the drivers of this project's programs and tests send. Any other one is refused as a server refuses an unknown one."""
import collections
import datetime
import itertools
import traceback

import bson
from bson import Int64, ObjectId
from mongomock.filtering import resolve_sort_key

import updates
from updates import CommandError
from wire import CODEC

MAX_BATCH = 16 * 1024 * 1024
FIRST_BATCH = 101
KEPT_ANSWERS = 1000


class Commands:
    def __init__(self, store, denied):
        self._store = store
        self._denied = {name.lower() for name in denied}
        self._cursors = {}
        self._cursor_ids = itertools.count(1)
        self._member = {}
        self._transactions = {}
        self._answered = collections.OrderedDict()

    def join(self, name, address):
        """Becomes the only member of a replica set."""
        self._member = {'setName': name, 'setVersion': 1, 'hosts': [address], 'primary': address, 'me': address, 'secondary': False}

    def run(self, body, connection):
        name = next(iter(body))
        handler = getattr(self, 'do_' + name.lower(), None)
        try:
            if handler is None:
                raise CommandError(59, 'CommandNotFound', f"no such command: '{name}'")
            if name.lower() in self._denied:
                raise CommandError(13, 'Unauthorized', f'not authorized on {body["$db"]} to execute command {{ {name}: "{body[name]}" }}')
            with self._store.gate:
                reply = self._run(handler, name, body, connection)
            return {**reply, 'ok': 1.0}
        except CommandError as e:
            return {'ok': 0.0, 'errmsg': e.message, 'code': e.code, 'codeName': e.name, **e.extra}
        except Exception as e:
            traceback.print_exc()
            return {'ok': 0.0, 'errmsg': f'{type(e).__name__}: {e}', 'code': 8, 'codeName': 'UnknownError'}

    def _run(self, handler, name, body, connection):
        if 'txnNumber' not in body or name in ('commitTransaction', 'abortTransaction'):
            return handler(body, connection)
        if not self._member:
            raise CommandError(20, 'IllegalOperation', 'Transaction numbers are only allowed on a replica set member or mongos')
        key = (bytes(body['lsid']['id']), body['txnNumber'])
        if body.get('autocommit', True):
            # A write that is sent again, because its reply was lost, is answered as before.
            if key not in self._answered:
                self._answered[key] = handler(body, connection)
                if len(self._answered) > KEPT_ANSWERS:
                    self._answered.popitem(last=False)
            return self._answered[key]
        if name != 'insert':
            raise CommandError(263, 'OperationNotSupportedInTransaction', f'{name} is not known in transactions here')
        if body.get('startTransaction'):
            self._transactions[key] = []
        if key not in self._transactions:
            raise CommandError(251, 'NoSuchTransaction', 'Transaction was aborted or never started', errorLabels=['TransientTransactionError'])
        return self._insert_later(key, body)

    def _insert_later(self, key, body):
        collection = self._store.collection(body['$db'], body['insert'], create=True)
        for i, document in enumerate(body['documents']):
            try:
                self._store.check(collection, document)
            except CommandError as e:
                del self._transactions[key]
                return {'n': i, 'writeErrors': [{'index': i, 'code': e.code, 'errmsg': e.message, **e.extra}]}
            self._transactions[key].append((collection, document))
        return {'n': len(body['documents'])}

    def do_committransaction(self, body, connection):
        key = (bytes(body['lsid']['id']), body['txnNumber'])
        if key in self._answered:
            return {}
        if key not in self._transactions:
            raise CommandError(251, 'NoSuchTransaction', 'Transaction was aborted or never started', errorLabels=['TransientTransactionError'])
        try:
            self._store.insert_all(self._transactions.pop(key))
        except CommandError as e:
            raise CommandError(112, 'WriteConflict', e.message, errorLabels=['TransientTransactionError']) from e
        self._answered[key] = {}
        return {}

    def do_aborttransaction(self, body, connection):
        self._transactions.pop((bytes(body['lsid']['id']), body['txnNumber']), None)
        return {}

    # The server itself

    def do_hello(self, body, connection):
        return {
            'helloOk': True, 'isWritablePrimary': True, 'ismaster': True, 'maxBsonObjectSize': 16 * 1024 * 1024, 'maxMessageSizeBytes': 48_000_000,
            'maxWriteBatchSize': 100_000, 'localTime': datetime.datetime.utcnow(), 'connectionId': connection, 'minWireVersion': 0, 'maxWireVersion': 21,
            'logicalSessionTimeoutMinutes': 30, 'readOnly': False, **self._member,
        }

    do_ismaster = do_hello

    def do_ping(self, body, connection):
        return {}

    do_endsessions = do_ping

    def do_buildinfo(self, body, connection):
        return {'version': '7.0.0', 'versionArray': [7, 0, 0, 0], 'gitVersion': 'stand-in', 'bits': 64, 'maxBsonObjectSize': 16 * 1024 * 1024}

    def do_saslstart(self, body, connection):
        raise CommandError(18, 'AuthenticationFailed', 'Authentication failed.')

    do_saslcontinue = do_saslstart

    def do_listdatabases(self, body, connection):
        return {'databases': [{'name': name, 'sizeOnDisk': 1, 'empty': False} for name, found in self._store.databases.items() if found], 'totalSize': 1}

    def do_listcollections(self, body, connection):
        database = body['$db']
        found = [{'name': n, 'type': 'collection', 'options': {}} for n in self._store.databases.get(database, {})]
        wanted = (body.get('filter') or {}).get('name')
        return self._cursor_reply(f'{database}.$cmd.listCollections', [c for c in found if not isinstance(wanted, str) or c['name'] == wanted], body)

    def do_drop(self, body, connection):
        self._store.drop(body['$db'], body['drop'])
        return {}

    def do_dropdatabase(self, body, connection):
        self._store.drop(body['$db'])
        return {'dropped': body['$db']}

    # Indexes

    def do_createindexes(self, body, connection):
        collection = self._store.collection(body['$db'], body['createIndexes'], create=True)
        before = len(collection.indexes) + 1
        for index in body['indexes']:
            unknown = set(index) - {'key', 'name', 'unique', 'background', 'v'}
            if unknown:
                raise updates.bad_value(f'index options that are not known here: {sorted(unknown)}')
            self._store.create_index(collection, index['name'], index['key'], bool(index.get('unique')))
        return {'numIndexesBefore': before, 'numIndexesAfter': len(collection.indexes) + 1}

    def do_listindexes(self, body, connection):
        collection = self._store.collection(body['$db'], body['listIndexes'])
        found = [{'v': 2, 'key': {'_id': 1}, 'name': '_id_'}]
        found += [{'v': 2, 'key': i.keys, 'name': i.name, **({'unique': True} if i.unique else {})} for i in collection.indexes.values()]
        return self._cursor_reply(collection.full_name, found, body)

    # Reading

    def do_find(self, body, connection):
        collection = self._store.collection(body['$db'], body['find'])
        found = in_order(collection.find(body.get('filter') or {}), body.get('sort'))
        found = found[body.get('skip', 0):]
        if body.get('limit'):
            found = found[:body['limit']]
        projection = body.get('projection')
        return self._cursor_reply(collection.full_name, [project(d, projection) for d in found] if projection else found, body)

    def do_getmore(self, body, connection):
        if body['getMore'] not in self._cursors:
            raise CommandError(43, 'CursorNotFound', f'cursor id {body["getMore"]} not found')
        name, documents = self._cursors.pop(body['getMore'])
        return {'cursor': self._batch(name, documents, body.get('batchSize'), 'nextBatch', body['getMore'])}

    def do_killcursors(self, body, connection):
        killed = [i for i in body['cursors'] if self._cursors.pop(i, None) is not None]
        return {'cursorsKilled': killed, 'cursorsNotFound': [], 'cursorsAlive': [], 'cursorsUnknown': []}

    def do_count(self, body, connection):
        return {'n': len(self._store.collection(body['$db'], body['count']).find(body.get('query') or {}))}

    def do_distinct(self, body, connection):
        found = self._store.collection(body['$db'], body['distinct']).find(body.get('query') or {})
        return {'values': list(dict.fromkeys(d[body['key']] for d in found if body['key'] in d))}

    def do_aggregate(self, body, connection):
        collection = self._store.collection(body['$db'], body['aggregate'])
        documents = None
        for stage in body['pipeline']:
            (operator, argument), = stage.items()
            if operator == '$match':
                documents = collection.find(argument) if documents is None else [d for d in documents if updates.filter_applies(argument, d)]
                continue
            documents = list(collection.documents.values()) if documents is None else documents
            documents = run_stage(operator, argument, documents)
        return self._cursor_reply(collection.full_name, list(collection.documents.values()) if documents is None else documents, body.get('cursor') or {})

    def _cursor_reply(self, name, documents, options):
        size = options.get('batchSize', (options.get('cursor') or {}).get('batchSize'))
        return {'cursor': self._batch(name, documents, FIRST_BATCH if size is None else size, 'firstBatch', None, options.get('singleBatch', False))}

    def _batch(self, name, documents, size, member, cursor_id, single=False):
        """As many documents as were asked for and fit into a reply; the rest waits under a cursor."""
        batch, taken = [], 0
        for document in documents:
            taken += len(bson.encode(document, codec_options=CODEC))
            if batch and (taken > MAX_BATCH or (size and len(batch) >= size)):
                break
            if size == 0 and member == 'firstBatch':
                break
            batch.append(document)
        rest = [] if single else documents[len(batch):]
        if rest:
            cursor_id = next(self._cursor_ids) if cursor_id is None else cursor_id
            self._cursors[cursor_id] = (name, rest)
        return {'id': Int64(cursor_id if rest else 0), 'ns': name, member: batch}

    # Writing

    def do_insert(self, body, connection):
        collection = self._store.collection(body['$db'], body['insert'], create=True)
        return self._each(body, body['documents'], lambda document, _: self._store.insert(collection, document))

    def do_update(self, body, connection):
        collection = self._store.collection(body['$db'], body['update'], create=True)
        upserted, modified = [], [0]

        def update(entry, place):
            if entry.get('arrayFilters') or isinstance(entry['u'], list):
                raise updates.bad_value('arrayFilters and update pipelines are not known here')
            count, changed, new_id = self._update(collection, entry['q'], entry['u'], entry.get('multi', False), entry.get('upsert', False))
            modified[0] += changed
            if new_id is not None:
                upserted.append({'index': place, '_id': new_id})
            return count

        reply = self._each(body, body['updates'], update)
        return {**reply, 'nModified': modified[0], **({'upserted': upserted} if upserted else {})}

    def do_delete(self, body, connection):
        collection = self._store.collection(body['$db'], body['delete'])

        def delete(entry, _):
            found = collection.find(entry['q'])
            for document in found[:1] if entry['limit'] == 1 else found:
                self._store.delete(collection, document)
            return len(found[:1] if entry['limit'] == 1 else found)

        return self._each(body, body['deletes'], delete)

    def do_findandmodify(self, body, connection):
        collection = self._store.collection(body['$db'], body.get('findAndModify', body.get('findandmodify')), create=True)
        found = in_order(collection.find(body.get('query') or {}), body.get('sort'))[:1]
        if body.get('remove'):
            for document in found:
                self._store.delete(collection, document)
            return {'lastErrorObject': {'n': len(found)}, 'value': project(found[0], body.get('fields')) if found else None}
        before = found[0] if found else None
        query = {'_id': before['_id']} if found else body.get('query') or {}
        _, _, new_id = self._update(collection, query, body['update'], False, body.get('upsert', False) and not found) if found or body.get('upsert') else (0, 0, None)
        key = before['_id'] if found else new_id
        after = collection.find({'_id': key})[0] if key is not None else None
        value = after if body.get('new') else before
        last = {'n': 1 if key is not None else 0, 'updatedExisting': bool(found), **({'upserted': new_id} if new_id is not None else {})}
        return {'lastErrorObject': last, 'value': project(value, body.get('fields')) if value else None}

    def _update(self, collection, query, update, multi, upsert):
        found = collection.find(query)
        if not found and upsert:
            seed = dict(equal_members(query))
            if updates.is_replacement(update):
                new = {**({'_id': seed['_id']} if '_id' in seed else {}), **update}
            else:
                new = updates.apply(unfold(seed), update, inserting=True)
            new.setdefault('_id', ObjectId())
            return 1, 0, self._store.insert(collection, {'_id': new['_id'], **new})['_id']
        changed = 0
        for document in found if multi else found[:1]:
            new = self._store.stamp(update) if updates.is_replacement(update) else updates.apply(document, update, inserting=False)
            if self._store.replace(collection, document, new) != document:
                changed += 1
        return len(found if multi else found[:1]), changed, None

    def _each(self, body, entries, act):
        count, errors = 0, []
        for i, entry in enumerate(entries):
            try:
                result = act(entry, i)
                count += result if isinstance(result, int) else 1
            except CommandError as e:
                errors.append({'index': i, 'code': e.code, 'errmsg': e.message, **e.extra})
                if body.get('ordered', True):
                    break
        return {'n': count, **({'writeErrors': errors} if errors else {})}


def in_order(documents, sort):
    for path, direction in reversed(list((sort or {}).items())):
        documents = sorted(documents, key=lambda d, p=path: resolve_sort_key(p, d), reverse=direction < 0)
    return documents


def equal_members(query):
    for path, condition in query.items():
        if path == '$and':
            for part in condition:
                yield from equal_members(part)
        elif not path.startswith('$'):
            if isinstance(condition, dict) and any(k.startswith('$') for k in condition):
                if '$eq' in condition:
                    yield path, condition['$eq']
            else:
                yield path, condition


def unfold(members):
    return updates.apply({}, {'$set': members}, inserting=True) if members else {}


def run_stage(operator, argument, documents):
    if operator == '$sort':
        return in_order(documents, argument)
    if operator == '$skip':
        return documents[argument:]
    if operator == '$limit':
        return documents[:argument]
    if operator == '$project':
        return [project(d, argument) for d in documents]
    if operator == '$group' and not isinstance(argument['_id'], dict) and not str(argument['_id']).startswith('$') and all(a == {'$sum': 1} for n, a in argument.items() if n != '_id'):
        return [{'_id': argument['_id'], **{n: len(documents) for n in argument if n != '_id'}}] if documents else []
    raise CommandError(40324, 'Location40324', f"the stage '{operator}' {argument} is not known here")


def project(document, projection):
    if not projection:
        return document
    if any(not isinstance(v, (int, float, bool)) for v in projection.values()):
        raise updates.bad_value(f'the projection {projection} is not known here')
    names = {k: bool(v) for k, v in projection.items() if k != '_id'}
    with_id = bool(projection.get('_id', True))
    if names and len(set(names.values())) > 1:
        raise CommandError(31254, 'Location31254', 'Cannot do exclusion and inclusion in one projection')
    if names and all(names.values()) or (not names and with_id):
        result = {'_id': document['_id']} if with_id and '_id' in document else {}
        for name in names:
            include(document, name.split('.'), result)
        return result
    result = {k: v for k, v in document.items() if k != '_id' or with_id}
    for name in names:
        if '.' in name:
            raise updates.bad_value('the exclusion of a member of a member is not known here')
        result.pop(name, None)
    return result


def include(document, path, result):
    if path[0] not in document:
        return
    value = document[path[0]]
    if len(path) == 1:
        result[path[0]] = value
    elif isinstance(value, dict):
        include(value, path[1:], result.setdefault(path[0], {}))
    elif isinstance(value, list):
        kept = result.setdefault(path[0], [{} for v in value if isinstance(v, dict)])
        for source, target in zip((v for v in value if isinstance(v, dict)), kept):
            include(source, path[1:], target)
