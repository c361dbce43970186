with totals as (
    select
        order_id,
        count(*) as lines,
        sum(line_amount) as amount
    from {{ ref('order_items') }}
    group by order_id
)

select
    orders.order_id,
    orders.customer_id,
    orders.channel,
    statuses.status,
    orders.ordered_at,
    cast(totals.lines as integer) as lines,
    cast(totals.amount as decimal(12, 2)) as amount
from {{ ref('stg_orders') }} as orders
inner join {{ ref('order_status') }} as statuses using (order_id)
inner join totals using (order_id)
