-- A table: its readers are many, and a view would read the export again for each of them.
{{ config(materialized='table') }}

select
    cast(order_id as bigint) as order_id,
    cast(line_no as integer) as line_no,
    cast(product_id as bigint) as product_id,
    cast(quantity as integer) as quantity,
    cast(unit_price_cents as decimal(12, 2)) as unit_price_cents
from {{ source('raw', 'order_items') }}
qualify row_number() over (partition by order_id, line_no order by exported_on desc) = 1
