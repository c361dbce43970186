{{ config(materialized='table') }}
select id::int as id, region::int as region, amount::number(10, 2) as amount, status::varchar as status,
       {{ var('day') }}::int as loaded
from (values (1, 1, 10.50, 'new'), (2, 2, 20.00, 'new') {% if var('day') > 1 %}, (3, 1, 5.25, 'new') {% endif %})
     as v (id, region, amount, status)
