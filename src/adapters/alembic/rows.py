# A function of the user, run on batches of rows. Values come and go as PostgreSQL's text, so that none loses a digit.
import asyncio
import datetime
import decimal
import enum
import importlib
import uuid

MOMENT = re.compile(
    r"(?:(\d{4})-(\d\d)-(\d\d))?(?:\A|\Z| )"
    r"(?:(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?(?:([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?)?\Z"
)


def moment(text):
    """What Python has no value for stays text: infinity, years before 1 or after 9999, 24:00."""
    found = MOMENT.match(text)
    if not found:
        return text
    year, month, day, hour, minute, second, fraction, sign, hours, minutes, seconds = found.groups()
    clock = [int(hour), int(minute), int(second), int((fraction or "0").ljust(6, "0"))] if hour else None
    zone = None
    if sign:
        ahead = datetime.timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))
        zone = datetime.timezone(ahead if sign == "+" else -ahead)
    try:
        if not year:
            return datetime.time(*clock, tzinfo=zone)
        if not clock:
            return datetime.date(int(year), int(month), int(day))
        return datetime.datetime(int(year), int(month), int(day), *clock, tzinfo=zone)
    except ValueError:
        return text


READERS = dict.fromkeys(("int2", "int4", "int8", "oid"), int)
READERS.update(dict.fromkeys(("float4", "float8"), float))
READERS.update(dict.fromkeys(("date", "time", "timetz", "timestamp", "timestamptz"), moment))
READERS.update(dict.fromkeys(("json", "jsonb"), json.loads))
READERS.update(numeric=decimal.Decimal, uuid=uuid.UUID)
READERS.update(bool=lambda text: text in ("t", "true"), bytea=lambda text: bytes.fromhex(text[2:]))


def reader(column):
    read = READERS.get(column["base"], str)
    if not column["isArray"]:
        return lambda text: None if text is None else read(text)

    def items(value):
        return [items(one) for one in value] if isinstance(value, list) else None if value is None else read(value)

    return lambda text: None if text is None else items(json.loads(text))


class Unfit(Exception):
    """The function gave back what cannot be written: its own fault, whatever the row is."""


def in_json(value):
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return written(value)


def written(value):
    """As PostgreSQL reads it."""
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "\\x" + bytes(value).hex()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return "%d days %d seconds %d microseconds" % (value.days, value.seconds, value.microseconds)
    if isinstance(value, (str, int, float, decimal.Decimal, uuid.UUID)):
        text = str(value)
        text.encode()  # half of a surrogate pair would arrive as another character
        return text
    raise Unfit("a value of the type %s" % type(value).__name__)


def array(value):
    if not isinstance(value, (list, tuple)):
        raise Unfit("a value of the type %s for an array" % type(value).__name__)
    quote = lambda text: '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')
    item = lambda one: "NULL" if one is None else array(one) if isinstance(one, (list, tuple)) else quote(written(one))
    return "{%s}" % ",".join(item(one) for one in value)


def writer(column):
    if column["isArray"]:
        write = array
    elif column["base"] in ("json", "jsonb"):
        write = lambda value: json.dumps(value, default=in_json)
    else:
        write = written
    return lambda value: None if value is None else write(value)


def load_function(name):
    module, _, path = name.partition(":")
    try:
        found = importlib.import_module(module)
    except Exception as error:
        raise Stop("no-function", function=name, words=words(error), at=place(error))
    for part in path.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        raise Stop("no-function", function=name, words="%s has no function %s" % (module, path), at=None)
    return found


def results(given, rows):
    """What the function gave back for each row, as text by column, or None for a row that is to stay."""
    writes = [(each["name"], writer(each)) for each in OPTIONS["writes"]]
    wanted = {name for name, _ in writes}
    if not isinstance(given, (list, tuple)):
        raise Unfit("it gave back a %s, not a list" % type(given).__name__)
    if len(given) != len(rows):
        raise Unfit(
            "it was given %d rows and gave back %d: one for each is wanted, None for one that stays"
            % (len(rows), len(given))
        )
    told = []
    for row, one in zip(rows, given):
        of = "for the row (%s) it gave back " % ", ".join(row[: OPTIONS["width"]])
        if one is not None and not isinstance(one, dict):
            raise Unfit(of + "a %s, not a dict" % type(one).__name__)
        if one is not None and set(one) != wanted:
            names = [", ".join(sorted(map(str, each))) or "none" for each in (one, wanted)]
            raise Unfit(of + "the columns %s; wanted are %s" % tuple(names))
        try:
            told.append(None if one is None else [write(one[name]) for name, write in writes])
        except Unfit as unfit:
            raise Unfit(of + str(unfit))
    return told


def on_rows():
    """Batch after batch until the worker has no more. The function has no way to the worker and to its database."""
    open_project()  # makes the project's modules importable, as for env.py
    function, loop = load_function(OPTIONS["function"]), asyncio.new_event_loop()
    reads = [(each["name"], reader(each)) for each in OPTIONS["reads"]]

    def batch(texts):
        given = function([{name: read(text) for (name, read), text in zip(reads, row)} for row in texts])
        if signatures.isawaitable(given):
            given = loop.run_until_complete(given)
        return results(given, texts)

    told = {}
    while True:
        answer = CHANNEL.ask("rows", **told)
        if "rows" not in answer:
            return dict(event="over")
        try:
            # As text within the text: the worker looks into it only where it is to be written.
            told = dict(returned=json.dumps(batch(answer["rows"])))
        except Stop:
            raise
        except Unfit as unfit:
            told = dict(unfit=str(unfit))
        except BaseException as error:
            told = dict(raised=words(error) + (" (%s)" % place(error) if place(error) else ""))
