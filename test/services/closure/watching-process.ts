/** node scripts/run-ts.mjs FILE SETTINGS: the watchdog that looks every 100 ms. */
import { terminal } from '../../../src/commands/io.js';
import { watchdogCommand } from '../../../src/commands/watchdog.js';

await watchdogCommand({ config: process.argv[2]!, every: '0.1' }, terminal(false));
