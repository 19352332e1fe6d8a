import { z } from 'zod';
import { pathForNginx, seconds } from './values.js';

const address = z
  .string()
  .regex(/^(\[[0-9A-Fa-f:.]+\]|[\w.-]+):\d{1,5}$/, 'expected an address such as 127.0.0.1:8001');

/** The two places of an application between which a swap of releases moves nginx. */
export const peers = z
  .strictObject({
    addresses: z
      .tuple([address, address])
      .describe('Where nginx reaches the one and the other, such as [127.0.0.1:8001, 127.0.0.1:8002].'),
    file: pathForNginx.describe(
      'While this file is there nginx sends requests to the second address, else to the first. nginx must be able to enter its folder.',
    ),
    seenAs: pathForNginx
      .optional()
      .describe(
        'The path of `file` as nginx sees it, where that is another: nginx in a container, with the folder mounted.',
      ),
    url: z
      .url('expected a URL such as https://shop.example.com/')
      .describe('The site, through nginx: asked which address it serves.'),
    drainSeconds: seconds(5).describe(
      'How long the old release lives on after nginx was moved: as long as its longest request may take.',
    ),
  })
  .refine(({ addresses: [one, other] }) => one !== other, {
    message: 'expected two different addresses',
    path: ['addresses'],
  })
  .optional()
  .describe('Two addresses behind nginx: a release is started on the idle one, and nginx moved to it.');
