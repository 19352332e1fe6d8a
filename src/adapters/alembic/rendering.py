# Part of bridge.py, which says where: what its revisions would send, told without a database.


class Recorder(io.StringIO):
    """Keeps for each piece of SQL which line of the revision file has said it."""

    file, at, lines = None, 0, []

    def clear(self):
        self.seek(0)
        self.truncate()
        self.at, self.lines = 0, []

    def mark(self):
        return self.tell(), self.at, len(self.lines)

    def back_to(self, mark):
        place, self.at, known = mark
        self.seek(place)
        self.truncate()
        del self.lines[known:]

    def write(self, text):
        line, runners = self.caller()
        if line:
            self.lines.append(dict({"offset": self.at, "line": line}, **({"runners": True} if runners else {})))
        self.at += len(text.encode("utf-16-le", "surrogatepass")) // 2  # as JavaScript counts
        return super().write(text)

    def caller(self):
        """The line of the revision file that is being run, and whether Alembic writes BEGIN or COMMIT itself."""
        frame, runners = sys._getframe(2), False
        while frame and frame.f_code.co_filename != self.file:
            runners = runners or frame.f_code.co_name in ("emit_begin", "emit_commit")
            frame = frame.f_back
        return (frame.f_lineno, runners) if frame else (None, False)


class Asked(BaseException):
    """The revision wants to know what only the database knows. No Exception: it must not be swallowed."""


def asked(*_, **__):
    Run.asked = "it asks the database"
    raise Asked(Run.asked)


class Answer:
    """What the database would answer. To send a statement is certain; to look at its answer is not."""

    def __getattr__(self, name):
        return (lambda: None) if name == "close" else asked()

    __iter__ = __bool__ = __len__ = __getitem__ = __contains__ = __eq__ = __ne__ = __enter__ = asked
    __hash__ = None


class Bind(MockConnection):
    """What `op.get_bind()` gives: writes down what it is told to send."""

    def __init__(self, context):
        super().__init__(context.dialect, None)
        self.context = context

    def execute(self, statement, parameters=None, execution_options=None, **named):
        for each in with_values(statement, parameters or named):
            self.context.impl._exec(each)
        return Answer()

    scalar = scalars = execute

    def exec_driver_sql(self, sql, parameters=None, execution_options=None):
        if parameters:
            raise RuntimeError("sends parameters that are not known before")
        return self.execute(sqlalchemy.text(sql.replace(":", "\\:")))

    def execution_options(self, **_):
        return self

    def connect(self, **_):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    begin_nested = connect


with contextlib.suppress(Exception):  # else inspect() says that it cannot inspect it, which is no answer either
    sqlalchemy.inspection._inspects(Bind)(asked)


def with_values(statement, parameters):
    """The statement with its parameters in it, once for each set of them."""
    if isinstance(statement, str):
        statement = sqlalchemy.text(statement)
    if not parameters:
        return [statement]
    sets = parameters if isinstance(parameters, (list, tuple)) else [parameters]
    if isinstance(statement, sqlalchemy.sql.expression.TextClause):
        return [statement.bindparams(**each) for each in sets]
    if isinstance(statement, sqlalchemy.sql.expression.Insert):
        return [statement.values(each) for each in sets]
    raise RuntimeError("sends parameters that are not known before")


def literals(compiler):
    """A compiler that also writes down values of which the type is not said, or has no literal form."""

    class Literals(compiler):
        def render_literal_value(self, value, type_):
            if type_._isnull and value is not None:
                type_ = sqlalchemy.literal(value).type
            try:
                return super().render_literal_value(value, type_)
            except Exception:  # of SQLAlchemy 1.4 and 2 not the same; the value goes as a parameter online
                return literal(value)

    return Literals


# What offline is another thing than online, without an error. All else is caught by `Answer` and `Bind`.
ONLINE = {
    "Session",
    "sessionmaker",
    "create_engine",
    "create_async_engine",
    "engine_from_config",
    "run_async",
    "is_offline_mode",
    "as_sql",
}


def describe(revision, column_length):
    with open(revision.path, "rb") as file:
        source = file.read()
    tree = ast.parse(source)
    return {
        "revision": revision.revision,
        "down": as_list(revision.down_revision),
        "dependsOn": as_list(revision.dependencies),
        "labels": sorted(revision.branch_labels),
        "doc": revision.doc or "",
        "file": relative(revision.path),
        "sha256": hashlib.sha256(source).hexdigest(),
        "downgrade": kind_of_downgrade(tree),
        "onlineHints": online_hints(tree, "downgrade"),
        "downHints": online_hints(tree, "upgrade"),
        "allowances": allowances(source),
        "tooLong": column_length is not None and len(revision.revision) > column_length,
    }


def allowances(source):
    """Comments that speak to Lockkeeper, with their lines."""
    if b"lockkeeper:" not in source:
        return []
    tokens = tokenize.tokenize(io.BytesIO(source).readline)
    comments = [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]
    return [{"line": line, "text": text} for line, text in comments if "lockkeeper:" in text]


def kind_of_downgrade(tree):
    function = function_named(tree, "downgrade")
    if not function:
        return "missing"
    body = [line for line in function.body if not is_constant(line)]
    if all(isinstance(line, ast.Pass) for line in body):
        return "empty"
    return "raises" if isinstance(body[0], ast.Raise) else "code"


def function_named(tree, name):
    found = [part for part in tree.body if isinstance(part, ast.FunctionDef) and part.name == name]
    return found[-1] if found else None


def is_constant(line):
    """A docstring, or `...`"""
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def online_hints(tree, other):
    """Names outside of the other function that betray what is another thing offline."""
    parts = [part for part in tree.body if getattr(part, "name", None) != other]
    nodes = [node for part in parts for node in ast.walk(part)]
    return sorted({name_of(node) for node in nodes} & ONLINE)


def name_of(node):
    """`execute` of `connection.execute` and of `execute`"""
    return getattr(node, "attr", None) or getattr(node, "id", None)


def render(config, script, revisions):
    """Offline SQL of each revision by itself, without env.py. @returns {id: what `inspect` tells of it}"""
    known = Run.context.opts.get("target_metadata") if Run.context else None  # for its naming convention
    buffer, rendered = Recorder(), {}
    Run.rendering = True
    with EnvironmentContext(config, script, as_sql=True) as environment:
        environment.configure(
            dialect_name="postgresql",
            output_buffer=buffer,
            literal_binds=True,
            target_metadata=known,
            dialect_opts={"paramstyle": "named"},
            transactional_ddl=True,
        )
        context = environment.get_context()
        context.dialect.statement_compiler = literals(context.dialect.statement_compiler)
        context.connection = context.impl.connection = Bind(context)
        for revision in revisions:
            buffer.file = revision.module.__file__
            rendered[revision.revision] = render_both(context, buffer, revision)
    Run.rendering = False
    return rendered


def render_both(context, buffer, revision):
    down, down_error = render_one(context, buffer, getattr(revision.module, "downgrade", None))
    up, up_error = render_one(context, buffer, getattr(revision.module, "upgrade", None))
    told = dict(upSql=up, downSql=down, lines=buffer.lines if up else [])
    if down_error:
        told["downError"] = down_error
    if up_error:
        told["upError"] = up_error
        partly = render_parts(context, buffer, revision)
        told.update({"partly": partly} if partly else {})
    return told


def render_one(context, buffer, function):
    """@returns (sql, None), or (None, why it cannot be rendered)"""
    buffer.clear()
    if function is None:
        return None, "there is no such function"
    why = attempt(context, function)
    return (None, why) if why else (buffer.getvalue(), None)


def attempt(context, action):
    """@returns why it cannot be done without a database; None where it could"""
    Run.asked = None
    try:
        with Operations.context(context):
            action()
    except (KeyboardInterrupt, Stop):
        raise
    except BaseException as error:  # a migration may also call sys.exit
        at = place(error)
        return (Run.asked or words(error)) + (" (%s)" % at if at else "")
    return Run.asked  # a bare `except:` has swallowed it


# Names by which Python code changes rows.
WRITES = set(
    "insert update delete add add_all merge bulk_insert bulk_insert_mappings bulk_update_mappings"
    " bulk_save_objects executemany copy_records_to_table copy_to_table".split()
)
SENDS = {"execute", "exec_driver_sql", "scalar", "scalars", "text"}
PLACEHOLDER = re.compile(r"(?<![:\w\\]):\w+(?!:)|%s|%\(\w+\)s")


def render_parts(context, buffer, revision):
    """Each statement of `upgrade` by itself, as far as it needs nothing that only the database knows."""
    with open(revision.path, "rb") as file:
        function = function_named(ast.parse(file.read()), "upgrade")
    if not function:
        return None
    buffer.clear()
    names, lost, steps = dict(vars(revision.module)), set(), []
    for statement in function.body:
        if isinstance(statement, ast.Return):
            break
        mark = buffer.mark()
        why = needs_lost(statement, lost) or attempt(context, lambda: run_alone(statement, names, buffer.file))
        if why:
            buffer.back_to(mark)
            lost |= changed_by(statement, names)
            steps.append(unknown_step(statement, why))
    return {"upSql": buffer.getvalue(), "lines": buffer.lines, "steps": steps}


def run_alone(statement, names, file):
    exec(compile(ast.Module([statement], []), file, "exec"), names)


def needs_lost(statement, lost):
    needed = sorted(node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and node.id in lost)
    return "it needs %s, which comes from the database" % needed[0] if needed else None


def changed_by(statement, names):
    """Names that the statement gives a value, or whose value it may change."""
    found = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return {
        node.id
        for node in found
        if isinstance(node.ctx, ast.Store) or isinstance(names.get(node.id), (list, dict, set))
    }


def unknown_step(statement, why):
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    named = {name_of(call.func) for call in calls}
    sent = [
        {"line": call.args[0].lineno, "sql": PLACEHOLDER.sub("$1", call.args[0].value)}
        for call in calls
        if call.args
        and name_of(call.func) in SENDS
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ]
    step = {"line": statement.lineno, "why": why, "writes": bool(named & WRITES), "sql": sent}
    return dict(step, onlyReads=only_reads(statement, calls, step))


def only_reads(statement, calls, step):
    """Whether it gets an answer and sends nothing else: what counts is who needs the answer."""
    operations = [call.func.attr for call in calls if getattr(getattr(call.func, "value", None), "id", None) == "op"]
    return (
        isinstance(statement, ast.Assign)
        and not step["writes"]
        and set(operations) <= {"get_bind", "get_context"}
        and all(re.match(r"\s*(?:select|show)\b", one["sql"], re.I) for one in step["sql"])
    )
