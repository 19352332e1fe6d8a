"""The tables, as this release sees them."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Numeric, Text, TypeDecorator, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Cents(TypeDecorator):
    """Money that the database keeps as whole cents."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _) -> int | None:
        return None if value is None else int(value.scaleb(2))

    def process_result_value(self, value: int | None, _) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text, unique=True)


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    description: Mapped[str | None] = mapped_column(Text)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    status: Mapped[str] = mapped_column(Text, server_default="new")
    total: Mapped[Decimal] = mapped_column("total_cents", Cents, key="total")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    gift_note: Mapped[str | None] = mapped_column(Text)
    parcel: Mapped[int | None] = mapped_column(BigInteger)


class OrderItem(Base):
    __tablename__ = "order_items"
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    quantity: Mapped[int]
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))


class Coupon(Base):
    __tablename__ = "coupons"
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    percent: Mapped[int]


class Parcel(Base):
    __tablename__ = "parcels"
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
