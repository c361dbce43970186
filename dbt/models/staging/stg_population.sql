-- A table: its readers are many, and a view would read the export again for each of them.
{{ config(materialized='table') }}

select
    region_code,
    sex,
    cast(age as integer) as age,
    cast(year as integer) as year,
    cast(residents as integer) as residents,
    cast(arrivals as integer) as arrivals,
    cast(departures as integer) as departures
from {{ source('raw', 'population') }}
qualify row_number() over (partition by region_code, sex, age, year order by exported_on desc) = 1
