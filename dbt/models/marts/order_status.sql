{{ config(materialized='incremental', unique_key='order_id', incremental_strategy='delete+insert') }}

select
    order_id,
    status,
    happened_at as status_at,
    exported_on as known_on
from {{ ref('stg_order_events') }}
{% if is_incremental() %}
where exported_on > (select max(known_on) from {{ this }})
{% endif %}
qualify row_number() over (partition by order_id order by event_id desc) = 1
