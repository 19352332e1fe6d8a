import { condition } from '@temporalio/workflow';
import { isBlockedChoice, type BlockedRules, type Chosen } from '../domain/blocked-gate.js';
import {
  closed,
  decide,
  newGate,
  opened,
  type Decision,
  type Gate,
  type GateRules,
  type Verdict,
} from '../domain/gate.js';
import type { Fact, Message, MessageName, WithoutTime } from '../domain/record.js';
import { Choices, type Look } from './choices.js';
import { listenFor, type Answer, type Via } from './messages.js';
import type { Run } from './run.js';
import { whoSent } from './steps.js';

/** Try it again, or end the run here. */
export type Repair = 'retry' | 'stop';

const nobody: GateRules = {
  ...{ approvals: 0, requester: '', requesterMayApprove: true, approvers: [], manual: false },
};

/** Refusals that a record keeps. Whoever sends more is told, and not written down again. */
const MOST_REFUSALS = 100;

/**
 * Where people decide: the gate before a change, the gate `blocked` while others keep it from a lock, and the gate
 * `repair` after an undo that failed. Handlers are set at once, because an update that finds none is refused by Temporal; whoever is too early is told so.
 */
export class People {
  readonly #run: Pick<Run, 'note' | 'site' | 'input'>;
  #sendersNoted = 0;
  #gate: Gate = newGate;
  #rules = nobody;
  readonly #choices = new Choices();
  #repairing = false;
  #repair: Repair | undefined;
  #refusals = 0;

  constructor(run: Pick<Run, 'note' | 'site' | 'input'>) {
    this.#run = run;
    for (const name of ['approve', 'reject', 'choose'] as const)
      this.#listen(name, (message) => this.#take(name, message));
    for (const name of ['retry', 'stop'] as const) this.#listen(name, () => this.#chooseRepair(name));
    this.#listen('maintenance', (message) => run.site.toggle(message));
  }

  /** The plan is final: from now on people decide about it. */
  ask(planHash: string, rules: GateRules): void {
    this.#rules = rules;
    this.#gate = opened(this.#gate, planHash);
  }

  /** Waits for a verdict, at most so long. @returns undefined when nobody decided */
  async verdict(ms: number, summary: string): Promise<Verdict | undefined> {
    await condition(() => this.#gate.verdict !== undefined && this.#run.site.isIdle(), ms, { summary });
    return this.#gate.verdict;
  }

  /** Nobody may decide any more. */
  close(): void {
    this.#gate = closed(this.#gate);
  }

  /** Others keep the migration from its lock: from now on people choose what to do. @param look - for the next window */
  askBlocked(rules: BlockedRules, look: Look): void {
    this.#choices.open(rules, look);
  }

  /** Waits for a choice, at most so long, or for as long as it takes. @returns undefined when nobody chose */
  async choice(ms?: number, summary = ''): Promise<Chosen | undefined> {
    const chosen = () => this.#choices.chosen !== undefined && this.#run.site.isIdle();
    await (ms === undefined ? condition(chosen) : condition(chosen, ms, { summary }));
    return this.#choices.chosen;
  }

  closeBlocked(): void {
    this.#choices.close();
  }

  /** An undo failed: waits for a person, for as long as it takes. */
  async repair(): Promise<Repair> {
    this.#repair = undefined;
    this.#repairing = true;
    await condition(() => this.#repair !== undefined && this.#run.site.isIdle());
    this.#repairing = false;
    await this.noteSenders();
    return this.#repair!;
  }

  /** Puts beside each name that was said what Temporal knows of who sent it. Not worth a failure. */
  async noteSenders(): Promise<void> {
    const senders = await whoSent(this.#run.input).catch(() => []);
    for (const sender of senders.slice(this.#sendersNoted)) this.#run.note({ kind: 'sender', ...sender });
    this.#sendersNoted = Math.max(senders.length, this.#sendersNoted);
  }

  #listen(name: MessageName, take: (message: Message) => Answer | Promise<Answer>): void {
    const reducer = (message: Message, via: Via): Answer | Promise<Answer> => {
      const keep = (came: Answer): Answer => {
        const by = message.by ?? 'nobody named';
        if ('refused' in came) this.#refused({ kind: 'refused', message: name, by, via, why: came.refused });
        else
          this.#run.note({ kind: 'said', message: name, by, via, ...noteOf(message), ...budgetOf(message) });
        return came;
      };
      const came = take(message);
      return came instanceof Promise ? came.then(keep) : keep(came);
    };
    listenFor(name, reducer, (why) =>
      this.#refused({ kind: 'refused', message: name, by: 'nobody named', via: 'signal', why }),
    );
  }

  #refused(fact: WithoutTime<Fact>): void {
    this.#refusals += 1;
    if (this.#refusals <= MOST_REFUSALS) this.#run.note(fact);
  }

  /** What migrates is approved: while it is blocked, none of its gate's messages is what is asked for. */
  #take(name: 'approve' | 'reject' | 'choose', sent: Message): Answer | Promise<Answer> {
    const { choice, ...message } = sent;
    if (name === 'choose' && (this.#choices.isAsking || isBlockedChoice(choice)))
      return this.#choices.take(sent);
    if (this.#choices.isAsking) return { refused: this.#choices.instead };
    return this.#decide(name, { ...message, ...(choice && !isBlockedChoice(choice) ? { choice } : {}) });
  }

  #decide(message: Decision['message'], sent: Omit<Decision, 'message'>): Answer {
    const decided = decide(this.#gate, this.#rules, { message, ...sent }, new Date().toISOString());
    if ('gate' in decided) this.#gate = decided.gate;
    return decided;
  }

  #chooseRepair(message: Repair): Answer {
    if (!this.#repairing) return { refused: 'nothing waits for this: no undo has failed' };
    if (this.#repair) return { refused: `already decided: ${this.#repair}` };
    this.#repair = message;
    return { answer: message === 'retry' ? 'trying the undo again' : 'ending the run as it is' };
  }
}

const budgetOf = ({ choice, budgetMs }: Message): { budgetMs?: number } =>
  choice === 'budget' && budgetMs !== undefined ? { budgetMs } : {};

const noteOf = ({ choice, budgetMs, pids, turn, reason, note, doneByHand }: Message): { note?: string } => {
  const budget = choice === 'budget' && budgetMs !== undefined ? `${budgetMs} ms in all` : '';
  const sessions = choice === 'cancel' && pids ? `pid ${pids.join(', ')}` : '';
  const said = [choice, budget, sessions, turn, reason, note, doneByHand ? 'the rest was done by hand' : '']
    .filter(Boolean)
    .join('; ');
  return said ? { note: said } : {};
};
