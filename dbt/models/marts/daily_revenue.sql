select
    cast(ordered_at as date) as order_date,
    cast(count(*) as integer) as orders,
    cast(sum(amount) as decimal(12, 2)) as revenue,
    cast(sum(amount) / count(*) as decimal(12, 2)) as average_order
from {{ ref('orders') }}
where channel <> 'test' and status not in ('cancelled', 'returned')
group by cast(ordered_at as date)
