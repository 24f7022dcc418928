/**
 * What a pickle may name. A pickle runs code by naming something importable and calling it, so the names decide. The standard library is
 * closed but for what data is made of: most of it can run commands, open files or reach others that do. Of other packages those are
 * open that models are made with, but for their own doors to code; a package that nobody here knows is noted, not refused: people
 * log models of their own classes. Facts from Python's documentation and the published advisories of picklescan and fickling.
 */
export type GlobalClass = "safe" | "unknown" | "code" | "refused";

const words = (text: string) => new Set(text.split(/\s+/).filter((word) => word !== ""));

/** Every top-level module of CPython 2.7 to 3.14. */
const STANDARD = words(`
  __future__ __main__builtin _abc _aix_support _ast _asyncio _bisect _blake2 _bootsubprocess _bz2 _codecs _collections
  _collections_abc _compat_pickle _compression _contextvars _crypt _csv _ctypes _curses _curses_panel _datetime _dbm
  _decimal _elementtree _frozen_importlib _frozen_importlib_external _functools _gdbm _hashlib _heapq _imp _interpreters
  _interpqueues _interpchannels _io _ios_support _json _locale _lsprof _lzma _markupbase _md5 _msi _multibytecodec
  _multiprocessing _opcode _opcode_metadata _operator _osx_support _overlapped _pickle _posixshmem _posixsubprocess
  _py_abc _py_warnings _pydatetime _pydecimal _pyio _pylong _pyrepl _queue _random _remote_debugging _scproxy _sha1 _sha2
  _sha256 _sha3 _sha512 _signal _sitebuiltins _socket _sqlite3 _sre _ssl _stat _statistics _string _strptime _struct
  _suggestions _symtable _sysconfig _thread _threading_local _tkinter _tokenize _tracemalloc _types _typing _uuid
  _warnings _weakref _weakrefset _winapi _wmi _zoneinfo _zstd abc aifc annotationlib anydbm antigravity argparse array ast
  asynchat asyncio asyncore atexit audioop base64 bdb binascii binhex bisect builtins __builtin__ bz2 cProfile calendar cgi
  cgitb chunk cmath cmd code codecs codeop collections colorsys commands compileall compression compiler concurrent
  configparser contextlib contextvars copy copyreg copy_reg cPickle cStringIO crypt csv ctypes curses dataclasses datetime
  dbm decimal difflib dircache dis distutils doctest dumbdbm email encodings ensurepip enum errno faulthandler fcntl filecmp
  fileinput fnmatch formatter fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip
  hashlib heapq hmac html http httplib idlelib imaplib imghdr imp importlib imputil inspect io ipaddress itertools json
  keyword lib2to3 linecache locale logging lzma macpath mailbox mailcap marshal math mhlib mimetypes mimify mmap
  modulefinder msilib msvcrt multiprocessing netrc new nis nntplib nt ntpath nturl2path numbers opcode operator optparse os
  os2emxpath ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform plistlib popen2 poplib posix posixfile
  posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat Queue queue quopri random re readline
  reprlib resource rexec rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib
  sndhdr socket SocketServer socketserver spwd sqlite3 sre sre_compile sre_constants sre_parse ssl stat statistics string
  StringIO stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios test
  textwrap this threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types
  typing unicodedata unittest urllib urllib2 urlparse user UserDict UserList UserString uu uuid venv warnings wave weakref
  webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo nturl2path whichdb
`);

const ABSTRACT = words(`
  Awaitable Coroutine AsyncIterable AsyncIterator AsyncGenerator Hashable Iterable Iterator Generator Reversible Sized Container
  Callable Collection Set MutableSet Mapping MutableMapping MappingView KeysView ItemsView ValuesView Sequence MutableSequence
  ByteString Buffer _CallableGenericAlias
`);
const DATETIME = words("date time datetime timedelta timezone tzinfo UTC MINYEAR MAXYEAR");
const DECIMAL = words(`
  BasicContext Clamped Context ConversionSyntax Decimal DecimalException DecimalTuple DefaultContext DivisionByZero
  DivisionImpossible DivisionUndefined ExtendedContext FloatOperation Inexact InvalidContext InvalidOperation Overflow Rounded
  Subnormal Underflow
`);
const MATH = words(`
  acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist e erf erfc exp exp2 expm1 fabs factorial floor
  fma fmod frexp fsum gamma gcd hypot inf infj isclose isfinite isinf isnan isqrt lcm ldexp lgamma log log10 log1p log2 modf nan nanj
  nextafter perm phase pi polar pow prod radians rect remainder sin sinh sqrt sumprod tan tanh tau trunc ulp
`);
/** Not ForwardRef, _eval_type or get_type_hints, which evaluate a text. */
const TYPING = words(`
  Any Union Optional Generic TypeVar TypeVarTuple ParamSpec ParamSpecArgs ParamSpecKwargs Callable List Dict Tuple Set FrozenSet Type
  Literal Final ClassVar Annotated Concatenate Protocol NoReturn Never Self LiteralString NewType NamedTuple TypeAlias TypeGuard TypeIs
  Required NotRequired Unpack AnyStr Text AbstractSet ByteString Container ContextManager AsyncContextManager Hashable ItemsView
  Iterable Iterator KeysView Mapping MappingView MutableMapping MutableSequence MutableSet Sequence Sized ValuesView Awaitable
  AsyncIterator AsyncIterable Coroutine Collection AsyncGenerator Generator Reversible SupportsAbs SupportsBytes SupportsComplex
  SupportsFloat SupportsIndex SupportsInt SupportsRound ChainMap Counter Deque DefaultDict OrderedDict Match Pattern BinaryIO IO TextIO
  _GenericAlias _SpecialGenericAlias _UnionGenericAlias _LiteralGenericAlias _CallableGenericAlias _AnnotatedAlias
  _ConcatenateGenericAlias _UnpackGenericAlias _SpecialForm _LiteralSpecialForm _TypingEllipsis
`);

/** Of the standard library: module → names that make data and nothing else. Each by its name: modules give away what they import. */
const OPEN_STANDARD: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    builtins:
      words(`object int float bool complex str bytes bytearray list tuple dict set frozenset slice range type NoneType
    ellipsis Ellipsis NotImplemented NotImplementedType len min max sum abs round sorted reversed enumerate zip pow divmod
    hash id isinstance issubclass callable repr ascii chr ord bin hex oct any all iter next print property staticmethod
    classmethod super memoryview unicode long xrange basestring unichr cmp
    BaseException Exception ArithmeticError AssertionError AttributeError BufferError EOFError FloatingPointError
    GeneratorExit ImportError IndexError KeyError KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError
    NotImplementedError OSError IOError OverflowError RecursionError ReferenceError RuntimeError StopIteration SyntaxError
    SystemExit TypeError UnicodeDecodeError UnicodeEncodeError UnicodeError ValueError ZeroDivisionError TimeoutError
    Warning DeprecationWarning FutureWarning RuntimeWarning UserWarning ConvergenceWarning`),
    collections: words("OrderedDict defaultdict deque Counter ChainMap UserDict UserList UserString namedtuple"),
    _collections: words("OrderedDict defaultdict deque"),
    "collections.abc": ABSTRACT,
    _collections_abc: ABSTRACT,
    datetime: DATETIME,
    _datetime: DATETIME,
    _pydatetime: DATETIME,
    decimal: DECIMAL,
    _decimal: DECIMAL,
    _pydecimal: DECIMAL,
    fractions: words("Fraction"),
    numbers: words("Number Complex Real Rational Integral"),
    math: MATH,
    cmath: MATH,
    array: words("array _array_reconstructor"),
    _codecs: words("encode"),
    codecs: words("encode"),
    copyreg: words("_reconstructor __newobj__ __newobj_ex__"),
    copy: words("copy deepcopy"),
    functools: words("partial"),
    operator:
      words(`itemgetter add sub mul truediv floordiv mod neg pos abs and_ or_ xor not_ eq ne lt le gt ge pow matmul
    contains getitem truth is_ is_not`),
    _operator:
      words(`itemgetter add sub mul truediv floordiv mod neg pos abs and_ or_ xor not_ eq ne lt le gt ge pow matmul
    contains getitem truth is_ is_not`),
    itertools: words("count cycle repeat chain product permutations combinations islice zip_longest pairwise batched"),
    re: words("_compile Pattern RegexFlag"),
    uuid: words("UUID SafeUUID"),
    ipaddress: words(`IPv4Address IPv4Interface IPv4Network IPv6Address IPv6Interface IPv6Network AddressValueError
    NetmaskValueError ip_address ip_interface ip_network`),
    pathlib: words("PurePath PurePosixPath PureWindowsPath Path PosixPath WindowsPath"),
    "pathlib._local": words("PurePath PurePosixPath PureWindowsPath Path PosixPath WindowsPath"),
    io: words("BytesIO StringIO"),
    _io: words("BytesIO StringIO"),
    random: words("Random SystemRandom"),
    enum: words("Enum IntEnum Flag IntFlag StrEnum auto _EnumDict"),
    dataclasses: words("_MISSING_TYPE MISSING Field _FIELD_BASE _FIELD _InitVarMeta"),
    types: words(`SimpleNamespace MappingProxyType NoneType EllipsisType NotImplementedType GenericAlias MethodType
    ClassMethodDescriptorType ModuleType`),
    typing: TYPING,
    logging: words("getLogger Logger"),
    inspect: words("Signature Parameter _ParameterKind _empty"),
    string: words("Template Formatter"),
    struct: words("Struct"),
    time: words("struct_time"),
    zoneinfo: words("ZoneInfo ZoneInfo._unpickle"),
    queue: words("Queue LifoQueue PriorityQueue SimpleQueue"),
    abc: words("ABC ABCMeta abstractmethod"),
    contextlib: words("nullcontext"),
    weakref: words("WeakKeyDictionary WeakValueDictionary WeakSet"),
  }),
);
/** Functions and classes that travel as code: cloudpickle's way with what is not importable. */
const CODE = words(`
  types.CodeType types.FunctionType types.LambdaType builtins.code builtins.function
  cloudpickle.cloudpickle._make_function cloudpickle.cloudpickle._make_skel_func cloudpickle.cloudpickle._fill_function
  cloudpickle.cloudpickle._make_skeleton_class cloudpickle.cloudpickle._make_skeleton_enum
  cloudpickle.cloudpickle._rehydrate_skeleton_class cloudpickle.cloudpickle._function_setstate
  cloudpickle.cloudpickle._class_setstate cloudpickle.cloudpickle_fast._function_setstate
  cloudpickle.cloudpickle_fast._class_setstate dill._dill._create_function dill._dill._create_code dill._dill._create_type
  dill._dill._create_cell joblib.externals.cloudpickle.cloudpickle._make_function
  joblib.externals.cloudpickle.cloudpickle._make_skeleton_class
`);

/** Packages that models are made with. */
const KNOWN = words(`
  numpy sklearn scipy pandas joblib xgboost lightgbm catboost statsmodels torch torchvision torchaudio torchmetrics
  pytorch_lightning lightning transformers tokenizers safetensors keras tensorflow flax jax jaxlib cloudpickle dill mlflow
  skops pyarrow polars imblearn category_encoders feature_engine scikeras skorch spacy thinc prophet shap optuna river
  threadpoolctl narwhals patsy formulaic sktime tslearn lifelines sksurv hdbscan umap pmdarima gensim nltk tabpfn autogluon
  interpret econml dowhy networkx sympy dateutil pytz tzdata tzlocal PIL cv2 gymnasium stable_baselines3 onnx onnxruntime
  sentence_transformers diffusers accelerate evaluate datasets timm einops loky packaging six bitarray attr attrs pydantic
  pydantic_core sklearn_pandas mord mapie ngboost
`);

/**
 * Their own doors to code, files, processes and other pickles: a module with all below it, or one name. sympy is shut as a whole: its
 * functions evaluate whatever text they are called with; patsy evaluates formulas.
 */
const SHUT = words(`
  numpy.f2py numpy.testing numpy.distutils numpy.ctypeslib numpy.load numpy.save numpy.memmap numpy.fromfile numpy.loadtxt
  numpy.genfromtxt numpy.DataSource numpy.lib.npyio numpy.lib._npyio_impl numpy.lib._datasource numpy.lib.format
  numpy.lib._format_impl numpy.lib.utils numpy.lib._utils_impl numpy.core.records.fromfile numpy.apply_along_axis
  numpy.vectorize numpy.frompyfunc numpy.compat numpy._core.overrides numpy.rec.fromfile numpy.array_api numpy._pytesttester
  numpy.core.memmap numpy._core.memmap
  scipy.io scipy._lib._testutils scipy.weave scipy.testing scipy.LowLevelCallable sklearn.utils._testing
  sklearn.datasets sklearn.externals._pilutil sklearn.conftest
  pandas.read_pickle pandas.io pandas.eval pandas.core.computation pandas.testing pandas._testing pandas.read_csv
  pandas.core.config_init pandas.util pandas.HDFStore pandas.ExcelFile pandas.ExcelWriter pandas.read_table pandas.read_fwf
  pandas.read_json pandas.read_html pandas.read_xml pandas.read_excel pandas.read_hdf pandas.read_feather pandas.read_parquet
  pandas.read_orc pandas.read_sas pandas.read_spss pandas.read_stata pandas.read_sql pandas.read_sql_query pandas.read_sql_table
  pandas.read_clipboard pandas.to_pickle
  joblib.load joblib.dump joblib.parallel joblib.memory joblib.numpy_pickle.load joblib.externals.loky joblib._store_backends
  joblib.func_inspect joblib.disk joblib.executor joblib.pool joblib.testing joblib.logger
  torch.load torch.hub torch.jit torch.package torch.compile torch._dynamo torch._inductor torch.utils.cpp_extension
  torch.utils.collect_env torch.utils.model_zoo torch.utils.bottleneck torch.utils.data.datapipes torch.utils._config_module
  torch.distributed torch.multiprocessing torch.fx torch.ops torch.classes torch.serialization torch.testing
  torch._utils_internal torch.onnx torch.autograd.profiler torch.profiler torch._sources torch._guards torch._export
  torch.utils.show_pickle torch.utils.viz
  tensorflow.io tensorflow.python.platform tensorflow.load_op_library tensorflow.python.lib.io tensorflow.py_function
  tensorflow.numpy_function keras.utils keras.src.utils.python_utils keras.models.load_model keras.layers.Lambda
  transformers.utils.hub transformers.dynamic_module_utils
  cloudpickle.loads cloudpickle.load cloudpickle.pickle cloudpickle.cloudpickle.loads cloudpickle.cloudpickle.load
  dill.loads dill.load dill._dill.loads dill._dill._import_module dill._dill._eval_repr dill._dill._create_filehandle
  dill._dill._getattribute dill.source dill.detect dill.session dill._shims
  mlflow.projects mlflow.utils mlflow.pyfunc.load_model mlflow.store mlflow.server mlflow.cli mlflow.data
  nltk.app nltk.data nltk.internals nltk.downloader spacy.cli spacy.util spacy.load thinc.util
  networkx.utils networkx.readwrite
  sympy torch.utils._sympy patsy formulaic.model_matrix formulaic.sugar formulaic.utils formulaic.materializers statsmodels.formula
  PIL.ImageMath PIL.ImageShow PIL.Image.open cv2.imread cv2.imwrite onnx.hub datasets.load evaluate.load
  loky.process_executor loky.backend six.moves six.exec_ gensim.utils.unpickle pydantic.deprecated pydantic.v1.utils
  statsmodels.iolib statsmodels.datasets statsmodels.tools.tools polars.io polars.read_csv pyarrow.fs pyarrow.plasma
  pyarrow.serialization xgboost.rabit catboost.utils
`);

/** Never data, whichever module gives them away: a module that imports `os` offers it under its own name. */
const NEVER = words(`
  eval exec execfile compile __import__ getattr setattr delattr vars globals locals open input raw_input breakpoint help
  reload import_module system popen popen2 popen3 popen4 spawn spawnl spawnv spawnve spawnvp execl execle execlp execv execve
  execvp fork forkpty Popen call check_call check_output getoutput getstatusoutput run run_module run_path runctx runcode
  runsource runstring rmtree unlink remove rmdir rename chmod chown kill urlopen urlretrieve create_connection
  attrgetter methodcaller reduce starmap map filter apply CDLL WinDLL PyDLL LoadLibrary dlopen
  sympify parse_expr lambdify dmatrix dmatrices eval_type _eval_type get_type_hints ForwardRef FunctionType LambdaType CodeType
  fromfile tofile loadtxt genfromtxt savetxt savez savez_compressed to_csv to_pickle
  loads Unpickler unpickle read_pickle exec_module load_module find_loader load_source load_compiled interact
  __globals__ __builtins__ __subclasses__ __getattribute__ __dict__ __code__ __call__ __reduce__ __init_subclass__
`);

/** Judges `module.name`. */
export function classifyGlobal(module: string, name: string): GlobalClass {
  const top = module.split(".", 1)[0] as string;
  const full = `${module}.${name}`;
  if (CODE.has(full)) return "code";
  if (OPEN_STANDARD.get(aliasOf(module))?.has(name)) return "safe";
  const parts = name.split(".");
  if (parts.some((part) => NEVER.has(part))) return "refused";
  // A class within a class is fine; "os.path" would walk out of the module into those it imported, and methods read and write files.
  if (parts.length > 1 && !parts.every((part) => /^_?[A-Z]/.test(part))) return "refused";
  if (STANDARD.has(top)) return "refused";
  if (module !== "__main__" && isModuleName(name)) return "refused";
  if (!KNOWN.has(top)) return "unknown";
  return isShut(full) ? "refused" : "safe";
}

function isModuleName(name: string): boolean {
  return (
    STANDARD.has(name) &&
    !/^(array|copy|statistics|test|code|user|parser|select|queue|random|enum|string|token)$/.test(name)
  );
}

function isShut(full: string): boolean {
  for (let end = full.length; end > 0; end = full.lastIndexOf(".", end - 1)) {
    if (SHUT.has(full.slice(0, end))) return true;
  }
  return false;
}

/** Python 2's names of what Python 3 maps them to when it reads an old pickle. */
function aliasOf(module: string): string {
  if (module === "__builtin__" || module === "exceptions") return "builtins";
  if (module === "copy_reg") return "copyreg";
  return module;
}

/** Names in code that travels by value which say what it is for. */
export const CODE_NAMES_REFUSED = words(`
  system popen exec eval __import__ subprocess Popen check_output pty ctypes posix_spawn execv execve execvp fork
  import_module runpy marshal __builtins__ __subclasses__
`);
