{{ config(materialized='view') }}

select
    regions.region_code,
    regions.region_name,
    count(*) as customers,
    sum(customer_value.revenue) as revenue
from {{ ref('customer_value') }} as customer_value
inner join {{ ref('regions') }} as regions using (region_code)
group by regions.region_code, regions.region_name
