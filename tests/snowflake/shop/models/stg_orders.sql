select id, region, amount, loaded, case when id = 1 and loaded > 1 then 'paid' else status end as status
from {{ ref('raw_orders') }}
