import { keepsakeId, runWord } from './keepsake.js';

it('keeps what two runs of the same minute take apart: the ids of both begin alike', () => {
  const [one, other] = ['01a2188b-a2be-72b9-9d2e-549e713c4783', '01a2188b-a2be-72b9-9d2e-549e713c4784'];
  expect(keepsakeId(one, 0)).not.toBe(keepsakeId(other, 0));
  expect(runWord(`${one}x`)).not.toBe(runWord(one));
});
