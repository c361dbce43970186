"""Slack's figures, each with the page that names it (below docs.slack.dev/reference/)."""

from typing import Final

# block-kit/blocks and surfaces
MESSAGE_BLOCKS: Final = 50
VIEW_BLOCKS: Final = 100
BLOCK_ID: Final = 255
ACTION_ID: Final = 255

# block-kit/composition-objects/text-object
TEXT: Final = 3_000

# block-kit/blocks/section-block, header-block, context-block, context-actions-block, actions-block
SECTION_FIELDS: Final = 10
SECTION_FIELD: Final = 2_000
HEADER: Final = 150
CONTEXT_ELEMENTS: Final = 10
CONTEXT_ACTIONS: Final = 5
ACTIONS: Final = 25

# block-kit/blocks/image-block, video-block
ALT_TEXT: Final = 2_000
IMAGE_URL: Final = 3_000
IMAGE_TITLE: Final = 2_000
VIDEO_TITLE: Final = 200

# block-kit/blocks/input-block
LABEL: Final = 2_000
HINT: Final = 2_000

# block-kit/blocks/markdown-block: over all markdown blocks of one payload
MARKDOWN: Final = 12_000

# block-kit/blocks/table-block: characters count over all tables of one message
TABLE_ROWS: Final = 100
TABLE_CELLS: Final = 20
TABLE_CHARACTERS: Final = 10_000

# block-kit/blocks/data-table-block: newer copies allow 201 rows and 20,000 characters; the older ones are safe
DATA_TABLE_ROWS_MIN: Final = 2
DATA_TABLE_ROWS: Final = 101
DATA_TABLE_COLUMNS: Final = 20
DATA_TABLE_CHARACTERS: Final = 10_000
DATA_TABLE_PAGE: Final = 100

# block-kit/blocks/alert-block, card-block, carousel-block, container-block
ALERT: Final = 200
CARD_TITLE: Final = 150
CARD_BODY: Final = 200
CARD_ACTIONS: Final = 3
CAROUSEL: Final = 10
CONTAINER_BLOCKS: Final = 10
CONTAINER_TITLE: Final = 150

# block-kit/block-elements
BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2_000
URL: Final = 3_000
ACCESSIBILITY_LABEL: Final = 75
PLACEHOLDER: Final = 150
SELECT_OPTIONS: Final = 100
SELECT_GROUPS: Final = 100
OVERFLOW_OPTIONS: Final = 5
CHOICES: Final = 10
INPUT_LENGTH: Final = 3_000
INPUT_FILES: Final = 10

# block-kit/composition-objects: confirmation dialog, option, option group
CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
OPTION_GROUP_LABEL: Final = 75

# views/modal-views
VIEW_TITLE: Final = 24
PRIVATE_METADATA: Final = 3_000
CALLBACK_ID: Final = 255
EXTERNAL_ID: Final = 255
VIEW_BYTES: Final = 250_000

# methods/chat.postMessage, chat.update
MESSAGE_TEXT: Final = 40_000
UPDATE_TEXT_BYTES: Final = 4_000
ATTACHMENTS: Final = 100
