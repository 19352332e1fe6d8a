import {
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { alarmText, type AlarmStatus } from '../domain/alarm.js';
import { BY_HAND, handOf } from '../domain/closure.js';
import { whyNoToggle } from '../domain/messages.js';
import type { Message } from '../domain/record.js';
import { workflowIdOf } from '../domain/requests.js';
import { failureOfError, wordsOf } from './failures.js';
import { listenFor, overdueSignal, statusQuery, type Answer } from './messages.js';
import { keys } from './page.js';
import { closeSite, notify, openSite } from './steps.js';

/** What people see of a closure, and say to it. */
export class Alarm {
  readonly #target: string;
  #status: AlarmStatus;

  constructor(target: string) {
    this.#target = target;
    this.#status = { target, site: 'closed', says: 'closed', alarms: 0, said: [] };
    setHandler(statusQuery, () => this.#status, { description: 'How the site stands, as JSON' });
    listenFor(
      'maintenance',
      (message) => this.#toggle(message),
      (why) => this.#say(`refused: ${why}`),
    );
    this.#show();
  }

  async close(by: string, reason: string, minutes?: number): Promise<string> {
    const { note } = await closeSite({
      ...handOf(this.#target, by),
      reason,
      ...(minutes ? { minutes } : {}),
    });
    this.#status = { ...this.#status, site: 'closed', says: `${reason}; ${note}` };
    this.#say(`${by} closed the site`);
    return note;
  }

  /** It lasts longer than planned: tells people, and the run that may still be at work in it. */
  async sound(says: string): Promise<void> {
    this.#status = { ...this.#status, site: 'overdue', says, alarms: this.#status.alarms + 1 };
    this.#show();
    const text = `${this.#target}: the site is ${says}`;
    const { runId } = workflowInfo();
    const quietly = () => undefined; // who is not there to be told is told by the page and the list
    await notify({ target: this.#target, runId, event: 'closure-overdue', text }).catch(quietly);
    await getExternalWorkflowHandle(workflowIdOf(this.#target))
      .signal(overdueSignal, { says })
      .catch(quietly);
  }

  ended(): { site: 'open'; alarms: number } {
    const { alarms } = this.#status;
    this.#status = { ...this.#status, site: 'open', says: 'open' };
    this.#show();
    return { site: 'open', alarms };
  }

  async #toggle(message: Message): Promise<Answer> {
    const unclear = whyNoToggle(message);
    if (unclear) return { refused: unclear };
    const { by = '', turn, reason = BY_HAND, minutes, force } = message;
    try {
      if (turn === 'on') return { answer: await this.close(by, reason, minutes) };
      const { note = 'open' } = await openSite({ ...handOf(this.#target, by), force: force ?? false });
      this.#say(`${by} opened the site: ${note}`);
      return { answer: note };
    } catch (error) {
      const why = wordsOf(failureOfError(error));
      this.#say(`refused to ${by}: ${why}`);
      return { refused: why };
    }
  }

  #say(words: string): void {
    const said = [...this.#status.said, `${new Date().toISOString()} ${words}`];
    this.#status = { ...this.#status, said: said.slice(-20) };
    this.#show();
  }

  #show(): void {
    setCurrentDetails(alarmText(this.#status));
    const { site } = this.#status;
    upsertSearchAttributes([
      { key: keys.LockkeeperTarget, value: this.#target },
      { key: keys.LockkeeperSite, value: site },
      { key: keys.LockkeeperState, value: site === 'open' ? 'done' : `site ${site}` },
    ]);
  }
}
