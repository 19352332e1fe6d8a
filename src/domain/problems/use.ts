import { Problem } from '../problem.js';

/** A command, flag or argument that there is not. `why` in the words of the parser. */
export const wrongUse = (why: string, command?: string) =>
  new Problem('wrong-use', {
    what: why,
    next: [
      `lockkeeper ${command ? `${command} ` : ''}--help shows ${command ? 'its flags' : 'all commands'}`,
    ],
    retry: false,
  });

/** Somebody pressed Ctrl-C. @param rest - what goes on all the same, in words */
export const interrupted = (rest: string, next: readonly string[]) =>
  new Problem('interrupted', { what: `interrupted; ${rest}`, next, retry: true });

/** A file or folder that a command needs is not to be had. `why` in the words of the system. */
export const fileRefused = (path: string, why: string) =>
  new Problem('file-refused', {
    what: `${path} cannot be used`,
    why,
    next: [`see whose it is, and whether its disk has room: ls -ld ${path}; df -h ${path}`, 'try again'],
    retry: true,
  });
