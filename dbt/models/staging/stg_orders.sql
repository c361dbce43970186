select
    cast(order_id as bigint) as order_id,
    cast(customer_id as bigint) as customer_id,
    channel,
    cast(ordered_at as timestamp) as ordered_at
from {{ source('raw', 'orders') }}
