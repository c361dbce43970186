select
    cast(customer_id as bigint) as customer_id,
    email,
    region_code,
    cast(joined_on as date) as joined_on
from {{ source('raw', 'customers') }}
qualify row_number() over (partition by customer_id order by exported_on desc) = 1
