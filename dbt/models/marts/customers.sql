select
    customer_id,
    email,
    region_code,
    joined_on
from {{ ref('stg_customers') }}
