"""Reads what a run left in the three collections, as the tools of the Python system do, and checks it: read_collections.py CONNECTION DATABASE ORCH_ID

Every sentence about the data that those tools rely on is a check here: members, their types as pymongo gives them, and what they mean together. Prints what it
has seen as one JSON document; ends with 1 and the broken sentence when one does not hold.
"""
import datetime
import json
import sys

import bson
import pymongo


def check(holds, sentence):
    if not holds:
        sys.exit(f'does not hold: {sentence}')


def check_type(value, kind, sentence):
    check(type(value) is kind, f'{sentence} is {kind.__name__}, not {type(value).__name__}')


def is_near(a, b):
    return abs(a - b) < 0.002


def check_orchestration(document):
    check(set(document) - {'orchestrator'} == {'_id', 'name', 'creation_ts', 'finish_ts', 'time_taken', 'action_time_taken', 'object_metrics', 'input_size'},
          f'an ended run has the members of stop(), nothing is missing and nothing more is there: {sorted(document)}')
    check_type(document['_id'], bson.ObjectId, '_id')
    check_type(document['name'], str, 'name')
    check_type(document['creation_ts'], datetime.datetime, 'creation_ts')
    check_type(document['finish_ts'], datetime.datetime, 'finish_ts')
    check_type(document['time_taken'], float, 'time_taken')
    check_type(document['action_time_taken'], float, 'action_time_taken')
    check_type(document['input_size'], int, 'input_size')
    check(is_near((document['finish_ts'] - document['creation_ts']).total_seconds(), document['time_taken']), 'time_taken is from creation to finish')
    for metric in document['object_metrics']:
        check(set(metric) == {'name', 'lifetime', 'size_written'}, f'a metric has three members: {metric}')
        check_type(metric['name'], str, 'name of a metric')
        check_type(metric['lifetime'], float, 'lifetime')
        check_type(metric['size_written'], int, 'size_written')


def check_action(document, run):
    check(set(document) - {'orchestrator'} == {'_id', 'orch_id', 'action_name', 'action_params', 'creation_ts', 'num_attempts', 'activation_ids', 'last_attempt_ts', 'attempts', 'error'},
          f'an action has these members: {sorted(document)}')
    check_type(document['_id'], bson.ObjectId, '_id of an action')
    check_type(document['orch_id'], bson.ObjectId, 'orch_id of an action')
    check(document['orch_id'] == run['_id'], 'orch_id is that of the run')
    check_type(document['action_name'], str, 'action_name')
    check_type(document['action_params'], dict, 'action_params')
    check('context' not in document['action_params'], 'action_params has no context')
    check_type(document['creation_ts'], datetime.datetime, 'creation_ts of an action')
    check_type(document['last_attempt_ts'], datetime.datetime, 'last_attempt_ts')
    check(document['num_attempts'] == 0, 'num_attempts is 0')
    check(all(type(i) is str and len(i) == 32 for i in document['activation_ids']), 'activation_ids are texts')
    check(len(document['activation_ids']) == len(document['attempts']), 'there is one activation for each attempt')
    for attempt in document['attempts']:
        check(set(attempt) == {'start', 'end', 'time', 'orch_id'}, f'an attempt has four members: {attempt}')
        check_type(attempt['start'], datetime.datetime, 'start')
        check_type(attempt['end'], datetime.datetime, 'end')
        check_type(attempt['time'], float, 'time')
        check_type(attempt['orch_id'], bson.ObjectId, 'orch_id of an attempt')
        check(is_near((attempt['end'] - attempt['start']).total_seconds(), attempt['time']), 'time is from start to end')


def check_store(document, run, actions):
    check(set(document) - {'orchestrator'} <= {'_id', 'action_id', 'orch_id', 'objects_put', 'objects_get', 'error_get'}, f'members of action_store: {sorted(document)}')
    check_type(document['_id'], bson.ObjectId, '_id of action_store')
    check(document['_id'] in {a['_id'] for a in actions}, '_id is that of the action')
    check(document['action_id'] == str(document['_id']), 'action_id is the id as text')
    check(document['orch_id'] == str(run['_id']), 'orch_id is the id of the run as text')
    for member, names in (('objects_put', {'orch_id', 'object', 'size', 'time'}), ('objects_get', {'orch_id', 'object', 'size', 'time'}), ('error_get', {'orch_id', 'object', 'time'})):
        check(document.get(member) != [], f'{member} is absent until it has something')
        for entry in document.get(member, []):
            check(set(entry) == names, f'an entry of {member}: {entry}')
            check_type(entry['orch_id'], bson.ObjectId, f'orch_id in {member}')
            check_type(entry['object'], str, f'object in {member}')
            check('/' in entry['object'], 'an object is bucket/key')
            check_type(entry.get('size', 0), int, f'size in {member}')
            check_type(entry['time'], datetime.datetime, f'time in {member}')


def main():
    connection, name, orch_id = sys.argv[1:]
    database = pymongo.MongoClient(connection)[name]
    run = database.orchestrations.find_one({'_id': bson.ObjectId(orch_id)})
    check(run is not None, f'there is a run {orch_id}')
    check_orchestration(run)
    actions = list(database.actions.find({'orch_id': run['_id']}))
    for action in actions:
        check_action(action, run)
    stores = list(database.action_store.find({'_id': {'$in': [a['_id'] for a in actions]}}))
    for store in stores:
        check_store(store, run, actions)
    attempts = [t for a in actions for t in a['attempts'] if t['orch_id'] == run['_id']]
    check(is_near(sum(t['time'] for t in attempts), run['action_time_taken']), 'action_time_taken is the sum over all attempts')
    puts = {e['object']: e for s in stores for e in s.get('objects_put', [])}
    gets = {e['object']: e for s in stores for e in s.get('objects_get', [])}
    check({m['name'] for m in run['object_metrics']} == set(puts), 'there is a metric for each object written')
    for metric in run['object_metrics']:
        check(metric['size_written'] == puts[metric['name']]['size'], 'size_written is the bytes written')
        check(is_near(metric['lifetime'], (run['finish_ts'] - puts[metric['name']]['time']).total_seconds()), 'lifetime is from the put to the end')
    inputs = [e for k, e in gets.items() if k not in puts]
    check(run['input_size'] == (min(inputs, key=lambda e: e['time'])['size'] if inputs else 0), 'input_size is that of what was read and not written')
    print(json.dumps({
        'name': run['name'], 'actions': sorted(a['action_name'] for a in actions), 'errors': [a['error'] for a in actions if a['error'] is not None],
        'attempts': len(attempts), 'put': sorted(puts), 'got': sorted(gets), 'missed': sorted(e['object'] for s in stores for e in s.get('error_get', [])), 'input_size': run['input_size'],
    }))


if __name__ == '__main__':
    main()
