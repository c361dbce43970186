{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='id') }}
select * from {{ ref('stg_orders') }}
{% if is_incremental() and 'delete+insert' != 'insert_overwrite' %}
where id > (select max(id) from {{ this }}) or status = 'paid'
{% endif %}
