import { concludedFrom, notTried } from '../domain/cells.js';
import { findingsOfCells } from './cell-findings.js';

const plan = { revisions: [] };
const fault = (request: string) => [{ request, why: 'it answered 500' }];
const found = (some: object) =>
  findingsOfCells(
    plan,
    concludedFrom({
      ...{ running: 'r1', next: 'r2', runningOnOld: [], runningOnNew: [], nextOnOld: [], nextOnNew: [] },
      ...{ runningAfterNext: [], ...some },
    }),
  ).map(({ rule, risk, breaksRunning, message }) => ({ rule, risk, breaksRunning, message }));

it('a running release that breaks closes the site; a next one that breaks is told', () => {
  expect(found({ runningOnNew: fault('GET /orders'), nextOnNew: fault('start') })).toEqual([
    {
      ...{ rule: 'running-release-breaks', risk: 'high', breaksRunning: true },
      message: 'r1, which runs now, fails on the new schema and not on the old one: GET /orders',
    },
    {
      ...{ rule: 'next-release-breaks', risk: 'medium', breaksRunning: false },
      message: 'r2 fails on the schema that it brings: start',
    },
  ]);
});

it('nothing is found where all passes, a release of later fails on the old schema, or nobody knows', () => {
  expect(found({ nextOnOld: fault('start') })).toEqual([]);
  expect(found({ runningOnOld: fault('start'), runningOnNew: fault('start') })).toEqual([]);
  expect(found(notTried)).toEqual([]);
});
