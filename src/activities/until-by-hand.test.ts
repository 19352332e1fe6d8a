import { jest } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quietWork, SettingsHome } from '../../test/support/settings-home.js';
import { byHandMark, isKeptOff, letGoOn } from './by-hand-mark.js';
import { untilByHand } from './until-by-hand.js';

const input = { target: 'shop', runId: 'run-1' };
let home: SettingsHome;
beforeEach(async () => {
  home = await SettingsHome.make();
});
afterEach(() => home.remove());

const marks = async () => {
  const path = byHandMark(home.home.config().state, input.runId);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '');
};

describe('a run whose rest a person does by hand', () => {
  it('ends the step that is at work, whatever its tool says then', async () => {
    const came = untilByHand(home.home, input, quietWork(), async ({ signal }) => {
      await sleep(60_000, undefined, { signal }).catch(() => undefined);
      throw new Error('the tool was killed');
    });
    await marks();
    await expect(came).rejects.toMatchObject({ code: 'done-by-hand' });
  });

  it('begins no other one, until it is told to go on', async () => {
    await marks();
    const act = jest.fn(() => Promise.resolve('done'));
    await expect(untilByHand(home.home, input, quietWork(), act)).rejects.toMatchObject({
      code: 'done-by-hand',
    });
    expect(act).not.toHaveBeenCalled();
    expect(await isKeptOff(home.home.target(), input.runId)).toBe(true);
    await letGoOn(home.home.target(), input.runId);
    expect(await untilByHand(home.home, input, quietWork(), act)).toBe('done');
  });

  it('leaves alone the failure of a step of another run', async () => {
    await marks();
    const other = { ...input, runId: 'run-2' };
    const fails = () => Promise.reject(new Error('by itself'));
    await expect(untilByHand(home.home, other, quietWork(), fails)).rejects.toThrow('by itself');
  });
});
