-- A table: its readers are many, and a view would read the export again for each of them.
{{ config(materialized='table') }}

select
    cast(order_id as bigint) as order_id,
    cast(customer_id as bigint) as customer_id,
    channel,
    cast(ordered_at as timestamp) as ordered_at
from {{ source('raw', 'orders') }}
