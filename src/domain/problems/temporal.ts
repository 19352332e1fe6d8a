import { Problem } from '../problem.js';

/** @param named - the address is from the environment or temporal.toml, and not the embedded server's */
export const temporalUnreachable = (address: string, why: string, named = false) =>
  new Problem('temporal-unreachable', {
    what: `Temporal does not answer at ${address}`,
    why: shortened(why),
    next: named
      ? [
          `see whether it runs: temporal operator cluster health --address ${address}`,
          'or correct TEMPORAL_ADDRESS or temporal.toml (without both, lockkeeper up starts one here)',
        ]
      : [
          'start the embedded one: lockkeeper up',
          'or say where yours is: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, or a profile in temporal.toml',
        ],
    retry: true,
  });

/** The worker's own client speaks in nested Rust values; the innermost text is what people need. */
const shortened = (why: string): string =>
  [...why.matchAll(/(?:message|error): "([^"]+)"/g)].at(-1)?.[1] ?? why;

export const badTemporalSettings = (why: string) =>
  new Problem('bad-temporal-settings', {
    what: 'the Temporal client settings cannot be read',
    why,
    next: ['correct TEMPORAL_* in the environment, or temporal.toml'],
    retry: false,
  });

export const noNamespace = (namespace: string, address: string) =>
  new Problem('no-namespace', {
    what: `Temporal at ${address} has no namespace ${namespace}`,
    next: [
      `create it: temporal operator namespace create ${namespace} --retention 30d`,
      'or name another: TEMPORAL_NAMESPACE',
    ],
    retry: false,
  });

export const noWorker = (taskQueue: string) =>
  new Problem('no-worker', {
    what: `no worker listens on task queue ${taskQueue}`,
    next: [
      'start one on the host that owns the target: lockkeeper worker',
      'lockkeeper doctor shows what it needs',
    ],
    retry: true,
  });

export const alreadyRunning = (target: string, workflowId: string, what: string) =>
  new Problem('already-running', {
    what: `${what} of ${target} is running as workflow ${workflowId}, and only one thing changes a target at a time`,
    next: [
      `watch it: lockkeeper status ${target} --watch`,
      `or end it, undoing what it did: lockkeeper cancel ${target}`,
    ],
    retry: false,
  });

export const notRunning = (target: string) =>
  new Problem('not-running', {
    what: `nothing runs for ${target}`,
    next: [`the last run: lockkeeper report ${target}`],
    retry: false,
  });

/** @param why - what its worker said, when it was asked too */
export const noRecord = (target: string, run?: string, why?: string) =>
  new Problem('no-record', {
    what: run ? `there is no record of run ${run} of ${target}` : `there is no record of ${target} yet`,
    ...(why ? { why: `it is not in the state folder here, and of the worker: ${why}` } : {}),
    next: run
      ? [`the last run: lockkeeper report ${target}`, `all of them: records/${target}/ in the state folder`]
      : [`see what a deploy would do: lockkeeper check ${target}`],
    retry: false,
  });

/** Temporal knows of a run that kept no record: it was ended from outside, or refused in its first line. */
export const endedWithoutRecord = (target: string, workflowId: string, runId: string, status: string) =>
  new Problem('ended-without-record', {
    what: `the last run of ${target} ended as ${status} and kept no record (workflow ${workflowId}, run ${runId})`,
    why:
      status === 'FAILED'
        ? 'it was refused before it did anything'
        : 'it was ended from outside: what it had begun was cut off, and nothing was undone',
    next: [
      `see what it did: temporal workflow show --workflow-id ${workflowId} --run-id ${runId}`,
      `see where the database stands: lockkeeper check ${target}`,
    ],
    retry: false,
  });

/** The workflow refused the message, in its own words. */
export const messageRefused = (message: string, why: string) =>
  new Problem('message-refused', {
    what: `${message} was refused`,
    why,
    next: ['lockkeeper status shows what the run waits for'],
    retry: false,
  });

export const workerSilent = (target: string) =>
  new Problem('worker-silent', {
    what: `the run of ${target} exists, and no worker answers for it`,
    next: ['start one: lockkeeper worker', 'the run goes on by itself once a worker is there'],
    retry: true,
  });

/** A workflow that sets an attribute which the server does not know would be stuck for ever. */
export const missingSearchAttributes = (names: readonly string[], namespace: string) =>
  new Problem('missing-search-attributes', {
    what: `Temporal's namespace ${namespace} lacks the search attributes ${names.join(', ')}`,
    why: 'a workflow that sets one which is not registered can not go on',
    next: [
      'register them: lockkeeper doctor --fix',
      `or: temporal operator search-attribute create --namespace ${namespace} ${names.map((name) => `--name ${name} --type Keyword`).join(' ')}`,
    ],
    retry: true,
  });

export const noBundle = (path: string) =>
  new Problem('no-bundle', {
    what: `the workflow bundle ${path} is missing`,
    next: ['in a clone: npm run build', 'as a package: install it again, the file belongs to it'],
    retry: false,
  });
