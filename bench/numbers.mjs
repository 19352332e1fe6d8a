/** What all benchmarks make of their times. */
export const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];
/** Two digits: more is noise. */
export const two = (number) => Math.round(number * 100) / 100;
