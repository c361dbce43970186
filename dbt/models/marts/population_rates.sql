with rates as (
    select
        region_code,
        sex,
        age,
        year,
        residents,
        cast(1000.0 * arrivals / residents as decimal(9, 3)) as arrival_rate,
        cast(1000.0 * departures / residents as decimal(9, 3)) as departure_rate
    from {{ ref('stg_population') }}
)

select
    *,
    arrival_rate - lag(arrival_rate) over (
        partition by region_code, sex, age
        order by year
    ) as arrival_rate_change
from rates
