"""Documents in memory, found through their indexes, and every change in a file that a new process reads back."""
import os
import threading
import time

import bson
from bson import ObjectId, Timestamp
from mongomock.filtering import filter_applies

from updates import CommandError
from wire import CODEC

MAX_DOCUMENT = 16 * 1024 * 1024
LOG = 'changes.bson'


def hashable(value):
    """Equal values give equal keys; numbers of all types are equal when their values are."""
    return bson.encode({'': value}) if isinstance(value, (dict, list)) else value


def value_at(document, path):
    """The value at a dotted path, and whether an array was met on the way."""
    for name in path.split('.'):
        if isinstance(document, list):
            return None, True
        if not isinstance(document, dict) or name not in document:
            return None, False
        document = document[name]
    return document, isinstance(document, list)


class Index:
    def __init__(self, name, keys, unique):
        self.name, self.keys, self.unique = name, keys, unique
        self.paths = list(keys)
        self.entries = {}  # the first field's value -> ids in order of insertion
        self.whole = {}  # all fields' values -> id, for a unique one
        self.has_arrays = False

    def whole_key(self, document):
        return tuple(hashable(value_at(document, path)[0]) for path in self.paths)

    def add(self, document):
        value, is_array = value_at(document, self.paths[0])
        self.has_arrays = self.has_arrays or is_array
        self.entries.setdefault(hashable(value), {})[hashable(document['_id'])] = None
        if self.unique:
            self.whole[self.whole_key(document)] = hashable(document['_id'])

    def remove(self, document):
        key = hashable(value_at(document, self.paths[0])[0])
        ids = self.entries.get(key, {})
        ids.pop(hashable(document['_id']), None)
        if not ids:
            self.entries.pop(key, None)
        if self.unique:
            self.whole.pop(self.whole_key(document), None)

    def conflict(self, document):
        other = self.whole.get(self.whole_key(document)) if self.unique else None
        return other is not None and other != hashable(document['_id'])


class Collection:
    def __init__(self, database, name):
        self.database, self.name = database, name
        self.documents = {}
        self.indexes = {}

    @property
    def full_name(self):
        return f'{self.database}.{self.name}'

    def candidates(self, query):
        """The documents that an index leaves; all of them where none helps."""
        wanted = equalities(query)
        if '_id' in wanted:
            return [self.documents[i] for i in wanted['_id'] if i in self.documents]
        for index in self.indexes.values():
            if index.unique and not index.has_arrays and all(len(wanted.get(p, ())) == 1 for p in index.paths):
                found = index.whole.get(tuple(wanted[p][0] for p in index.paths))
                return [] if found is None else [self.documents[found]]
        for index in self.indexes.values():
            if index.paths[0] in wanted and not index.has_arrays:
                return [self.documents[i] for value in wanted[index.paths[0]] for i in index.entries.get(value, ())]
        return list(self.documents.values())

    def find(self, query):
        try:
            return [d for d in self.candidates(query) if filter_applies(query, d)]
        except CommandError:
            raise
        except Exception as e:
            raise CommandError(2, 'BadValue', f'the query {query} is not understood: {e}') from e

    def check_unique(self, document):
        for index in self.indexes.values():
            if index.conflict(document):
                raise CommandError(
                    11000, 'DuplicateKey',
                    f'E11000 duplicate key error collection: {self.full_name} index: {index.name} dup key: {list(index.whole_key(document))}',
                    keyPattern=dict(index.keys))


def equalities(query):
    """Per path the values that it must equal one of, as far as the query says so at its top."""
    wanted = {}
    for path, condition in query.items():
        if path.startswith('$'):
            continue
        if isinstance(condition, dict) and any(k.startswith('$') for k in condition):
            if '$in' in condition and not any(v is None or isinstance(v, (list, dict)) or hasattr(v, 'pattern') for v in condition['$in']):
                wanted[path] = list(dict.fromkeys(condition['$in']))
            elif '$eq' in condition and condition['$eq'] is not None and not isinstance(condition['$eq'], list):
                wanted[path] = [hashable(condition['$eq'])]
        elif condition is not None and not isinstance(condition, list) and not hasattr(condition, 'pattern'):
            wanted[path] = [hashable(condition)]
    return wanted


class Store:
    """All databases. A caller holds the gate while it reads or changes them."""

    def __init__(self, directory):
        self.gate = threading.RLock()
        self.databases = {}
        self._timestamp = (0, 0)
        os.makedirs(directory, exist_ok=True)
        path = os.path.join(directory, LOG)
        if os.path.exists(path):
            self._read_back(path)
        self._log = open(path, 'ab', buffering=0)

    def collection(self, database, name, create=False):
        collections = self.databases.setdefault(database, {}) if create else self.databases.get(database, {})
        if name not in collections and create:
            collections[name] = Collection(database, name)
        return collections.get(name) or Collection(database, name)

    def insert(self, collection, document):
        if '_id' not in document:
            document = {'_id': ObjectId(), **document}
        document = self.stamp(document)
        self.check(collection, document)
        self._put(collection, document)
        return document

    def insert_all(self, inserts):
        """All of them or none; one change in the file."""
        inserts = [(collection, self.stamp(document)) for collection, document in inserts]
        for collection, document in inserts:
            self.check(collection, document)
        for collection, document in inserts:
            self._keep(collection, document)
        self._write({'o': 'puts', 'v': [{'o': 'put', 'd': c.database, 'c': c.name, 'v': document} for c, document in inserts]})

    def check(self, collection, document):
        """Whether a document can be inserted."""
        check_size(document)
        if hashable(document['_id']) in collection.documents:
            raise CommandError(
                11000, 'DuplicateKey', f'E11000 duplicate key error collection: {collection.full_name} index: _id_ dup key: {{ _id: {document["_id"]!r} }}',
                keyPattern={'_id': 1}, keyValue={'_id': document['_id']})
        collection.check_unique(document)

    def replace(self, collection, old, new):
        if old['_id'] != new.get('_id', old['_id']):
            raise CommandError(66, 'ImmutableField', "the (immutable) field '_id' was found to have been altered")
        new = {'_id': old['_id'], **{k: v for k, v in new.items() if k != '_id'}}
        check_size(new)
        collection.check_unique(new)
        self._put(collection, new)
        return new

    def delete(self, collection, document):
        self._remove(collection, document)
        self._write({'o': 'delete', 'd': collection.database, 'c': collection.name, 'v': document['_id']})

    def create_index(self, collection, name, keys, unique):
        if name in collection.indexes:
            if dict(collection.indexes[name].keys) != dict(keys) or collection.indexes[name].unique != unique:
                raise CommandError(86, 'IndexKeySpecsConflict', f'An existing index has the same name as the requested index: {name}')
            return
        index = Index(name, keys, unique)
        for document in collection.documents.values():
            if index.unique and index.conflict(document):
                raise CommandError(11000, 'DuplicateKey', f'E11000 duplicate key error collection: {collection.full_name} index: {name}')
            index.add(document)
        collection.indexes[name] = index
        self._write({'o': 'index', 'd': collection.database, 'c': collection.name, 'n': name, 'k': keys, 'u': unique})

    def drop(self, database, name=None):
        found = database in self.databases and (name is None or name in self.databases[database])
        if name is None:
            self.databases.pop(database, None)
        elif found:
            del self.databases[database][name]
        self._write({'o': 'drop', 'd': database, 'c': name})
        return found

    def _put(self, collection, document):
        self._keep(collection, document)
        self._write({'o': 'put', 'd': collection.database, 'c': collection.name, 'v': document})

    def _keep(self, collection, document):
        key = hashable(document['_id'])
        old = collection.documents.get(key)
        for index in collection.indexes.values():
            if old is not None:
                index.remove(old)
            index.add(document)
        collection.documents[key] = document

    def _remove(self, collection, document):
        for index in collection.indexes.values():
            index.remove(document)
        del collection.documents[hashable(document['_id'])]

    def stamp(self, document):
        # A server fills timestamps of zero, at the top of a document only.
        if any(isinstance(v, Timestamp) and v.time == 0 and v.inc == 0 for v in document.values()):
            now = int(time.time())
            last, count = self._timestamp
            self._timestamp = (now, 1) if now > last else (last, count + 1)
            document = {k: Timestamp(*self._timestamp) if isinstance(v, Timestamp) and v.time == 0 and v.inc == 0 else v for k, v in document.items()}
        return document

    def _write(self, change):
        self._log.write(bson.encode(change, codec_options=CODEC))

    def _read_back(self, path):
        self._log = open(os.devnull, 'ab', buffering=0)
        whole = 0
        with open(path, 'rb') as file:
            while len(head := file.read(4)) == 4:
                rest = file.read(int.from_bytes(head, 'little') - 4)
                if len(rest) < int.from_bytes(head, 'little') - 4:
                    break
                self._apply(bson.decode(head + rest, CODEC))
                whole = file.tell()
        self._log.close()
        # A change whose write was cut off by the end of the process was acknowledged to nobody.
        os.truncate(path, whole)

    def _apply(self, change):
        if change['o'] == 'puts':
            for one in change['v']:
                self._apply(one)
            return
        if change['o'] == 'drop':
            self.drop(change['d'], change['c'])
            return
        collection = self.collection(change['d'], change['c'], create=True)
        if change['o'] == 'put':
            self._keep(collection, change['v'])
            for value in change['v'].values():
                if isinstance(value, Timestamp):
                    self._timestamp = max(self._timestamp, (value.time, value.inc))
        elif change['o'] == 'delete':
            self._remove(collection, collection.documents[hashable(change['v'])])
        else:
            self.create_index(collection, change['n'], change['k'], change['u'])


def check_size(document):
    size = len(bson.encode(document, codec_options=CODEC))
    if size > MAX_DOCUMENT:
        raise CommandError(10334, 'BSONObjectTooLarge', f'object to insert too large. size in bytes: {size}, max size: {MAX_DOCUMENT}')
