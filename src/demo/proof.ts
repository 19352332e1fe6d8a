import { fingerprint } from '../adapters/postgres/fingerprint.js';
import { withClient } from '../adapters/postgres/client.js';
import { revisions } from '../adapters/postgres/revisions.js';
import { ORDERS_UNDER_MARK } from './settings.js';

/** What is compared to say that everything was put back. */
export interface Sight {
  revision: string;
  schema: string;
  /** The newest order at first sight: newer ones are the shoppers' of meanwhile. */
  mark: string;
  ordersUnderMark: string;
  orders: number;
}

/** Looks at the database by itself, not through Lockkeeper's own record. */
export const lookAt = (url: string, mark?: string): Promise<Sight> =>
  withClient(url, { applicationName: 'lockkeeper demo' }, async (client) => {
    const one = async (sql: string) => {
      const { rows } = await client.query<Record<string, unknown>>(sql);
      return Object.values(rows[0] ?? {})
        .map(String)
        .join(', ');
    };
    const under = mark ?? (await one('select max(id) from orders'));
    return {
      revision: (await revisions(client)).join(', '),
      schema: (await fingerprint(client)).hash,
      mark: under,
      ordersUnderMark: await one(ORDERS_UNDER_MARK.replace('{mark}', under)),
      orders: Number(await one('select count(*) from orders')),
    };
  });
