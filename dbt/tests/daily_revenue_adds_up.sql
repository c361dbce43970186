-- Returns a row when the days together do not earn what the counted orders earn.
with days as (
    select sum(revenue) as revenue from {{ ref('daily_revenue') }}
),

counted as (
    select sum(amount) as revenue
    from {{ ref('orders') }}
    where channel <> 'test' and status not in ('cancelled', 'returned')
)

select
    days.revenue as revenue_of_days,
    counted.revenue as revenue_of_orders
from days
cross join counted
where days.revenue <> counted.revenue
