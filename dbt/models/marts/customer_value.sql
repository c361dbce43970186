with bought as (
    select
        customer_id,
        cast(count(*) as integer) as orders,
        cast(sum(amount) as decimal(12, 2)) as revenue,
        cast(max(ordered_at) as date) as last_order_on
    from {{ ref('orders') }}
    where channel <> 'test' and status not in ('cancelled', 'returned')
    group by customer_id
)

select
    customers.customer_id,
    customers.region_code,
    bought.orders,
    bought.revenue,
    bought.last_order_on,
    case
        when bought.revenue >= 2000 then 'captain'
        when bought.revenue >= 500 then 'crew'
        else 'guest'
    end as segment
from bought
inner join {{ ref('customers') }} as customers using (customer_id)
