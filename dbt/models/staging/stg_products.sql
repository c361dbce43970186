select
    cast(product_id as bigint) as product_id,
    product_name,
    category_code,
    cast(price_cents as decimal(12, 2)) as price_cents
from {{ source('raw', 'products') }}
qualify row_number() over (partition by product_id order by exported_on desc) = 1
