import { Problem } from '../problem.js';

export const temporalUnreachable = (address: string, why: string) =>
  new Problem('temporal-unreachable', {
    what: `Temporal does not answer at ${address}`,
    why,
    next: [
      'start the embedded one: lockkeeper up',
      'or say where yours is: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, or a profile in temporal.toml',
    ],
    retry: true,
  });

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

export const noRecord = (target: string, run?: string) =>
  new Problem('no-record', {
    what: run ? `there is no record of run ${run} of ${target}` : `there is no record of ${target} yet`,
    next: [`start one: lockkeeper deploy ${target} --auto-migrate`],
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
