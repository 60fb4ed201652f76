// Two visits side by side: zoomed, moved and windowed together.
"use strict";

prepareViews(document);
