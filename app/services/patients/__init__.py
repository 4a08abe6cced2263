"""What a patient may ask for, and what goes by itself: erasure, export, retention."""
