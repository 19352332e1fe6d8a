#!/usr/bin/env python3
"""Fills a new shop with customers, products and orders. Does nothing when there are customers already.

  seed.py [--orders 300000]

Environment: DATABASE_URL. The tables must be there (alembic upgrade). All or nothing: one transaction.
"""

import argparse
import asyncio
import os
import time

import asyncpg

# Fixed numbers instead of random(): two shops that were seeded alike are alike. The orders end yesterday.
STATEMENTS = """
insert into products (name, price)
  select 'Product ' || n, 1 + (n * 37 % 20000) / 100.0 from generate_series(1, 500) n;
insert into customers (name, email)
  select 'Customer ' || n, 'customer' || n || '@example.org' from generate_series(1, 10000) n;
create temporary table seeded on commit drop as
  select n, c.id as customer_id, p.id as product_id, p.price, 1 + n % 3 as quantity
  from generate_series(1, {orders}) n
  join (select id, row_number() over (order by id) as place from customers) c on c.place = 1 + n % 10000
  join (select id, price, row_number() over (order by id) as place from products) p on p.place = 1 + n % 500;
with taken as (
  insert into orders (customer_id, status, total, created_at)
    select customer_id, 'sent', price * quantity, now() - interval '1 day' - ({orders} - n) * interval '30 s'
    from seeded order by n
    returning id
), numbered as (
  select id, row_number() over (order by id) as n from taken
)
insert into order_items (order_id, product_id, quantity, price)
  select numbered.id, product_id, quantity, price from numbered join seeded using (n);
"""


async def seed(orders: int) -> None:
    began = time.monotonic()
    connection = await asyncpg.connect(os.environ["DATABASE_URL"], timeout=10)
    try:
        async with connection.transaction():
            await connection.execute("lock table customers in exclusive mode")  # two seeds at once: one waits
            if await connection.fetchval("select exists (select from customers)"):
                print("seeded already")
                return
            await connection.execute(STATEMENTS.format(orders=orders))
        await connection.execute("analyze products, customers, orders, order_items")
    finally:
        await connection.close()
    print(f"{orders} orders in {time.monotonic() - began:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=300_000)
    options = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        parser.error("DATABASE_URL is not set: give it as postgresql://user:password@host:port/name")
    asyncio.run(seed(options.orders))


if __name__ == "__main__":
    main()
