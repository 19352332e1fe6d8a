import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBrowser } from './browser.js';
import { PICTURES } from './web-ui.js';

/** The page of a Schedule in Temporal's Web UI, as a person uses it. Selectors are those of the UI 2.54. */
export class SchedulePage {
  private constructor(
    private readonly browser: Browser,
    private readonly page: Page,
    private readonly url: string,
  ) {}

  /** @param url - of the Web UI, such as `http://127.0.0.1:8233` */
  static async open(url: string): Promise<SchedulePage> {
    await mkdir(PICTURES, { recursive: true });
    const browser = await openBrowser();
    const page = await browser.newPage({ viewport: { width: 1400, height: 1000 }, timezoneId: 'UTC' });
    page.setDefaultTimeout(20_000);
    return new SchedulePage(browser, page, `${url}/namespaces/default/schedules`);
  }

  close = (): Promise<void> => this.browser.close();

  /** @returns what the page says of the schedule, as plain text */
  async visit(id: string): Promise<string> {
    const name = this.page.getByTestId('schedule-name');
    await this.page.goto(`${this.url}/${encodeURIComponent(id)}`);
    await name.getByText(id).waitFor();
    // The input of its runs is drawn last.
    await this.page.getByText('waitMinutes').first().waitFor();
    return this.page.getByRole('main').innerText();
  }

  async pause(reason: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Pause', exact: true }).first().click();
    await this.page.getByTestId('pause-reason').fill(reason);
    await this.picture('12-schedule-pause');
    await this.#confirm('Pause');
  }

  async trigger(): Promise<void> {
    await this.page.getByRole('button', { name: 'Schedule Actions' }).click();
    await this.page.getByTestId('trigger-schedule').click();
    await this.picture('13-schedule-trigger');
    await this.#confirm('Trigger');
  }

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }

  async #confirm(words: string): Promise<void> {
    const button: Locator = this.page
      .locator('dialog[open]')
      .getByTestId('confirm-modal-button')
      .filter({ hasText: words });
    await button.click();
    await button.waitFor({ state: 'hidden' });
  }
}
