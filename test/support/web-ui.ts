import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBrowser } from './browser.js';
import { root } from './test-stack.js';

/** Where the pictures go, for people to look at; git ignores it. */
export const PICTURES = join(root, '.lockkeeper', 'screenshots');

const WINDOW = { width: 1400, height: 1000 };

type Dialog = 'signal' | 'update';

/** Temporal's Web UI as a person uses it, in a real browser. Selectors are those of the UI 2.54. */
export class WebUi {
  #isStarted = false;

  private constructor(
    private readonly browser: Browser,
    private readonly page: Page,
    private readonly url: string,
    private readonly workflowId: string,
  ) {}

  /** @param url - of the Web UI, such as `http://127.0.0.1:8233` */
  static async open(url: string, workflowId: string): Promise<WebUi> {
    await mkdir(PICTURES, { recursive: true });
    const browser = await openBrowser();
    const page = await browser.newPage({ viewport: WINDOW, timezoneId: 'UTC' });
    page.setDefaultTimeout(15_000);
    return new WebUi(browser, page, `${url}/namespaces/default/workflows`, workflowId);
  }

  close = (): Promise<void> => this.browser.close();

  /** The page Start Workflow, as a link in a chat leads there: type, queue and id are filled in. */
  async start(workflowType: string, taskQueue: string, input: unknown): Promise<void> {
    const query = new URLSearchParams({ workflowType, taskQueue, workflowId: this.workflowId });
    const main = this.page.getByRole('main');
    await this.#visit(`start-workflow?${query}`, main.getByTestId('start-workflow-button'));
    // The page writes what the run before was given, some time after it has loaded.
    if (this.#isStarted) await main.getByRole('textbox', { name: 'Data' }).getByText('{').waitFor();
    this.#isStarted = true;
    await this.#write(main, input);
    await this.picture('1-start');
    await this.#press(main.getByTestId('start-workflow-button'));
    await this.#toast('Workflow started');
  }

  /** The last run. Everybody lands on its timeline. */
  visit = (): Promise<void> =>
    this.#visit(encodeURIComponent(this.workflowId), this.page.getByTestId('timeline-tab'));

  sees = (text: string): Promise<void> => this.page.getByText(text).first().waitFor();

  /** What the tab User Metadata shows under Current Details, as plain text. */
  async currentDetails(): Promise<string> {
    await this.page.getByTestId('user-metadata-tab').click();
    await this.page.getByTestId('user-metadata').waitFor();
    const frame = this.page.locator('iframe[src*="/render?content="]').last();
    await frame.waitFor();
    const body = frame.contentFrame().locator('body');
    await body.getByRole('heading').first().waitFor();
    return body.innerText();
  }

  /**
   * Opens the dialog, chooses the message, and fills in what is to be sent. On a page that is loaded anew: a dialog
   * that opens for the second time shows what was sent before, and does not close.
   */
  async compose(kind: Dialog, message: string, input?: unknown): Promise<void> {
    await this.visit();
    await this.page.getByRole('button', { name: 'More Actions' }).click();
    const item = kind === 'signal' ? 'Send a Signal' : 'Send an Update';
    await this.page.getByRole('menuitem', { name: item }).click();
    const dialog = this.#dialog(kind);
    await dialog.getByTestId(`${kind}-select-button`).click();
    await dialog.getByRole('option', { name: new RegExp(`^${message}`) }).click();
    if (input !== undefined) await this.#write(dialog, input);
  }

  /** Sends what was composed, and waits until the dialog is gone. */
  async send(kind: Dialog): Promise<void> {
    await this.#press(this.#dialog(kind).getByTestId('confirm-modal-button'));
    await this.#dialog(kind).waitFor({ state: 'hidden' });
  }

  /** Sends what was composed. @returns the words with which it is refused; the dialog stays */
  async sendInVain(kind: Dialog, words: RegExp): Promise<string> {
    await this.#press(this.#dialog(kind).getByTestId('confirm-modal-button'));
    const alert = this.#dialog(kind).getByRole('alert').filter({ hasText: words });
    await alert.waitFor();
    return alert.innerText();
  }

  async dismiss(kind: Dialog): Promise<void> {
    await this.#dialog(kind).getByTestId('cancel-modal-button').click();
    await this.#dialog(kind).waitFor({ state: 'hidden' });
  }

  /** Of all that is there, also below the edge of the window; of a dialog, with the window around it. */
  async picture(name: string): Promise<void> {
    const isDialog = await this.page.locator('dialog[open]').isVisible();
    const height = isDialog ? 0 : await this.page.locator('main').evaluate((main) => main.scrollHeight);
    await this.page.setViewportSize({ ...WINDOW, height: Math.max(WINDOW.height, height) });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
    await this.page.setViewportSize(WINDOW);
  }

  #dialog = (kind: Dialog): Locator =>
    this.page.locator(`dialog[open][data-testid="${kind}-confirmation-modal"]`);

  async #toast(words: string): Promise<void> {
    await this.page.getByTestId('toast-live-region-polite').filter({ hasText: words }).waitFor();
  }

  /** The editor rewrites what was typed when it is left. */
  async #write(place: Locator, input: unknown): Promise<void> {
    const box = place.getByRole('textbox', { name: 'Data' });
    const wanted = JSON.stringify(input);
    const isThere = async () => JSON.stringify(parsed((await box.textContent()) ?? '')) === wanted;
    for (let tries = 0; tries < 5; tries += 1) {
      await box.fill(wanted);
      await box.blur();
      await this.page.waitForTimeout(500);
      if (await isThere()) return;
    }
    throw new Error(`the editor does not keep ${wanted}: ${await box.textContent()}`);
  }

  /** A button that has just moved takes no click: pressed again, as a person does, until something is sent. */
  async #press(button: Locator): Promise<void> {
    for (let tries = 0; tries < 5; tries += 1) {
      const sent = this.page
        .waitForRequest((request) => request.method() === 'POST' && !request.url().includes('/query/'), {
          timeout: 3_000,
        })
        .then(
          () => true,
          () => false,
        );
      await button.click();
      if (await sent) return;
    }
    throw new Error('the button sends nothing');
  }

  /** A page that did not load is asked for once more: now and then Chromium says that the network has changed. */
  async #visit(path: string, ready: Locator): Promise<void> {
    for (let left = 1; ; left -= 1) {
      try {
        await this.page.goto(`${this.url}/${path}`);
        return await ready.waitFor();
      } catch (error) {
        if (left === 0) throw error;
      }
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
