{{ config(materialized='incremental', incremental_strategy='insert_overwrite', unique_key=none) }}
select * from {{ ref('stg_orders') }}
{% if is_incremental() and 'insert_overwrite' != 'insert_overwrite' %}
where id > (select max(id) from {{ this }}) or status = 'paid'
{% endif %}
