"""The shop's API."""

from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from shop import health, settings
from shop.models import Coupon, Customer, Order, OrderItem, Parcel, Product

engine = create_async_engine(
    settings.database_url(), pool_size=settings.POOL_SIZE, max_overflow=0, pool_pre_ping=True
)


@asynccontextmanager
async def lifespan(_: FastAPI):
    yield
    await engine.dispose()


async def session():
    async with AsyncSession(engine, expire_on_commit=False) as opened:
        yield opened


app = FastAPI(title="Shop", version=settings.RELEASE, lifespan=lifespan)
Session = Annotated[AsyncSession, Depends(session)]


class NewOrder(BaseModel):
    customer_id: int
    product_id: int
    quantity: int = Field(default=1, ge=1, le=100)
    gift_note: str | None = None
    coupon: str | None = None


def shown(row: Order | Product) -> dict:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


@app.get("/health")
async def get_health(response: Response):
    answer = await health.health(engine)
    response.status_code = 200 if answer["status"] == "ok" else 503
    return answer


@app.get("/products")
async def get_products(db: Session):
    return [shown(product) for product in await db.scalars(select(Product).order_by(Product.id).limit(100))]


@app.get("/orders")
async def get_orders(db: Session, limit: Annotated[int, Query(ge=1, le=100)] = 20):
    return [shown(order) for order in await db.scalars(select(Order).order_by(Order.id.desc()).limit(limit))]


@app.get("/customers/{id}/orders")
async def get_customer_orders(id: int, db: Session, limit: Annotated[int, Query(ge=1, le=100)] = 20):
    orders = select(Order).where(Order.customer_id == id).order_by(Order.id.desc()).limit(limit)
    return [shown(order) for order in await db.scalars(orders)]


@app.get("/orders/{id}")
async def get_order(id: int, db: Session):
    order = await db.get(Order, id)
    if order is None:
        raise HTTPException(404, f"there is no order {id}")
    return shown(order)


@app.put("/orders/{id}/parcel", status_code=204)
async def put_parcel(id: int, number: Annotated[int, Query(ge=1, lt=2**63)], db: Session):
    order = await db.get(Order, id)
    if order is None:
        raise HTTPException(404, f"there is no order {id}")
    await db.execute(insert(Parcel).values(number=number).on_conflict_do_nothing())
    order.parcel = number
    await db.commit()


@app.post("/orders", status_code=201)
async def post_order(wanted: NewOrder, db: Session):
    product = await db.get(Product, wanted.product_id)
    if product is None or await db.get(Customer, wanted.customer_id) is None:
        raise HTTPException(422, "there is no such customer or product")
    coupon = await db.get(Coupon, wanted.coupon) if wanted.coupon else None
    price = round(product.price * (100 - (coupon.percent if coupon else 0)) / 100, 2)
    order = Order(customer_id=wanted.customer_id, total=price * wanted.quantity, gift_note=wanted.gift_note)
    db.add(order)
    await db.flush()
    db.add(OrderItem(order_id=order.id, product_id=product.id, quantity=wanted.quantity, price=price))
    await db.commit()
    return shown(order)
