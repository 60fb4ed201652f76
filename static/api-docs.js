// Shows the OpenAPI description. A file of its own, because the page allows no inline script.
const page = document.getElementById("swagger-ui");
SwaggerUIBundle({ domNode: page, url: page.dataset.schema, deepLinking: true, validatorUrl: null });
