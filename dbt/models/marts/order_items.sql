select
    items.order_id,
    items.line_no,
    items.product_id,
    items.quantity,
    cast(items.unit_price_cents / 100 as decimal(12, 2)) as unit_price,
    cast(items.quantity * items.unit_price_cents / 100 as decimal(12, 2)) as line_amount
from {{ ref('stg_order_items') }} as items
inner join {{ ref('order_status') }} as statuses using (order_id)
where statuses.status <> 'purged'
