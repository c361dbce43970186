-- A table: its readers are many, and a view would read the export again for each of them.
{{ config(materialized='table') }}

select
    cast(event_id as bigint) as event_id,
    cast(order_id as bigint) as order_id,
    status,
    cast(happened_at as timestamp) as happened_at,
    cast(exported_on as date) as exported_on
from {{ source('raw', 'order_events') }}
