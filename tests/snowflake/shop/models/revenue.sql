{{ config(materialized='table', transient=false) }}
select r.label, sum(o.amount) as revenue, count(*) as orders
from {{ ref('stg_orders') }} as o
join {{ ref('regions') }} as r on r.region = o.region
group by r.label
