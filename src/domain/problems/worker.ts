import { Problem } from '../problem.js';

export const invalidPort = (text: string) =>
  new Problem('invalid-port', {
    what: `${JSON.stringify(text)} is no port`,
    next: ['give a number from 0 to 65535; 0 takes any free one'],
    retry: false,
  });

/** Somebody else has the port, or this machine has no such address. */
export const cannotListen = (host: string, port: number, why: string) =>
  new Problem('cannot-listen', {
    what: `/healthz cannot be served at ${host}:${port}`,
    why,
    next: [
      ...(why.includes('EADDRINUSE')
        ? [`see who has the port: ss -ltnp 'sport = :${port}' (macOS: lsof -iTCP:${port} -sTCP:LISTEN)`]
        : []),
      'give another: --health-port, --health-host',
    ],
    retry: false,
  });

/** A worker that `up` started ended, or did not become ready. */
export const workerDidNotStart = (lastLines: string, log: string) =>
  new Problem('worker-did-not-start', {
    what: 'the worker did not start',
    why: lastLines,
    next: [`read its log: ${log}`, 'mend the cause, and run lockkeeper up again'],
    retry: false,
  });
