"""MongoDB's update operators. One that is not known here is refused, as are two that touch the same path."""
import copy
import datetime

from bson import Int64, Timestamp
from mongomock.filtering import BsonComparable, filter_applies


class CommandError(Exception):
    def __init__(self, code, name, message, **extra):
        super().__init__(message)
        self.code, self.name, self.message, self.extra = code, name, message, extra


def bad_value(message):
    return CommandError(2, 'BadValue', message)


def is_replacement(update):
    return not any(key.startswith('$') for key in update)


def apply(document, update, inserting):
    """A new document with the update applied."""
    if not all(key.startswith('$') for key in update):
        raise CommandError(9, 'FailedToParse', f'Unknown modifier in {list(update)}')
    check_conflicts(update)
    document = copy.deepcopy(document)
    for operator, fields in update.items():
        if operator == '$setOnInsert' and not inserting:
            continue
        change = OPERATORS.get(operator)
        if change is None:
            raise CommandError(9, 'FailedToParse', f'Unknown modifier: {operator}')
        for path, argument in fields.items():
            change(document, path, argument)
    return document


def check_conflicts(update):
    paths = sorted(path for fields in update.values() for path in fields)
    for before, path in zip(paths, paths[1:]):
        if path == before or path.startswith(before + '.'):
            raise CommandError(40, 'ConflictingUpdateOperators', f"Updating the path '{path}' would create a conflict at '{before}'")


def parent_of(document, path, create):
    """What holds the last name of a path, and that name; None where it does not exist and is not to be made."""
    *way, last = path.split('.')
    for name in way:
        if isinstance(document, list):
            document = element(document, name, path)
        elif isinstance(document, dict):
            if name not in document:
                if not create:
                    return None, last
                document[name] = {}
            document = document[name]
        if not isinstance(document, (dict, list)):
            if not create:
                return None, last
            raise CommandError(28, 'PathNotViable', f"Cannot create field '{last}' in element of '{path}'")
    return document, last


def element(array, name, path):
    if not name.isdigit() or int(name) >= len(array):
        raise CommandError(28, 'PathNotViable', f"Cannot create field '{name}' in the array of '{path}'")
    return array[int(name)]


def get(holder, name):
    if isinstance(holder, list):
        return holder[int(name)] if name.isdigit() and int(name) < len(holder) else None
    return holder.get(name) if isinstance(holder, dict) else None


def put(holder, name, value, path):
    if isinstance(holder, list):
        if not name.isdigit():
            raise CommandError(28, 'PathNotViable', f"Cannot create field '{name}' in the array of '{path}'")
        holder.extend([None] * (int(name) + 1 - len(holder)))
        holder[int(name)] = value
    else:
        holder[name] = value


def set_value(document, path, value):
    holder, name = parent_of(document, path, create=True)
    put(holder, name, value, path)


def unset(document, path, _):
    holder, name = parent_of(document, path, create=False)
    if isinstance(holder, dict):
        holder.pop(name, None)


def increase(document, path, by):
    holder, name = parent_of(document, path, create=True)
    old = get(holder, name)
    if old is not None and (isinstance(old, bool) or not isinstance(old, (int, float))):
        raise CommandError(14, 'TypeMismatch', f"Cannot apply $inc to a value of non-numeric type at '{path}'")
    total = by if old is None else old + by
    is_long = isinstance(total, int) and (isinstance(old, Int64) or isinstance(by, Int64))
    put(holder, name, Int64(total) if is_long else total, path)


def keep_extreme(wins):
    def change(document, path, value):
        holder, name = parent_of(document, path, create=True)
        old = get(holder, name)
        if old is None or wins(value, old):
            put(holder, name, value, path)
    return change


def array_at(document, path):
    holder, name = parent_of(document, path, create=True)
    array = get(holder, name)
    if array is None:
        array = []
        put(holder, name, array, path)
    if not isinstance(array, list):
        raise bad_value(f"The field '{path}' must be an array but is of type {type(array).__name__}")
    return array


def push(document, path, argument):
    array = array_at(document, path)
    if isinstance(argument, dict) and '$each' in argument:
        if set(argument) - {'$each', '$position', '$slice'}:
            raise bad_value(f'Unrecognized clause in $push: {sorted(argument)}')
        at = argument.get('$position', len(array))
        array[at:at] = argument['$each']
        if '$slice' in argument:
            count = argument['$slice']
            array[:] = array[:count] if count >= 0 else array[count:]
    else:
        array.append(argument)


def add_to_set(document, path, argument):
    array = array_at(document, path)
    for value in argument['$each'] if isinstance(argument, dict) and '$each' in argument else [argument]:
        if value not in array:
            array.append(value)


def pull(document, path, condition):
    holder, name = parent_of(document, path, create=False)
    array = get(holder, name)
    if array is None:
        return
    if isinstance(condition, dict):
        operators = any(k.startswith('$') for k in condition)
        array[:] = [v for v in array if not (filter_applies({'v': condition}, {'v': v}) if operators else isinstance(v, dict) and filter_applies(condition, v))]
    else:
        array[:] = [v for v in array if v != condition]


def current_date(document, path, argument):
    kind = argument.get('$type') if isinstance(argument, dict) else 'date'
    now = datetime.datetime.utcnow()
    set_value(document, path, Timestamp(int(now.timestamp()), 1) if kind == 'timestamp' else now.replace(microsecond=now.microsecond // 1000 * 1000))


OPERATORS = {
    '$set': set_value,
    '$setOnInsert': set_value,
    '$unset': unset,
    '$inc': increase,
    '$max': keep_extreme(lambda new, old: BsonComparable(old) < BsonComparable(new)),
    '$min': keep_extreme(lambda new, old: BsonComparable(new) < BsonComparable(old)),
    '$push': push,
    '$addToSet': add_to_set,
    '$pull': pull,
    '$currentDate': current_date,
}
