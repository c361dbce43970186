select
    products.product_id,
    products.product_name,
    products.category_code,
    cast(products.price_cents / 100 as decimal(12, 2)) as price,
    categories.vat_percent
from {{ ref('stg_products') }} as products
inner join {{ ref('product_categories') }} as categories using (category_code)
