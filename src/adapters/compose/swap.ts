import { blueGreen } from './blue-green.js';
import { rolling } from './rolling.js';
import { allHealthy, up, type Way, type WayName } from './ways.js';

/** Ends the old container, then starts the new one: seconds in which nobody answers. */
const recreate: Way = async (swap) => {
  await up(swap, swap.services);
  return allHealthy(swap);
};

export const ways: Readonly<Record<WayName, Way>> = { recreate, rolling, 'blue-green': blueGreen };
