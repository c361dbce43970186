{{ config(materialized='incremental', incremental_strategy='append', unique_key=none) }}
select * from {{ ref('stg_orders') }}
{% if is_incremental() and 'append' != 'insert_overwrite' %}
where id > (select max(id) from {{ this }}) or status = 'paid'
{% endif %}
