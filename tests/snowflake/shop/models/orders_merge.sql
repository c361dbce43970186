{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id') }}
select * from {{ ref('stg_orders') }}
{% if is_incremental() and 'merge' != 'insert_overwrite' %}
where id > (select max(id) from {{ this }}) or status = 'paid'
{% endif %}
