#!/bin/sh
# openapi-generator 7.26.0 (PyPI's openapi-generator-cli), Go: the code for a form with a non-empty list of files
# does not compile, and `type: number` becomes float32, whose 24 bits turn an amount of 16,777,217 into 16,777,216.
# Both documents are valid OpenAPI 3.1. Expected: code that compiles, and float64 as in encoding/json. Seen:
#   image: array of binary, minItems 1:  invalid operation: cannot indirect
#   image: array of binary:              compiles
#   type: number:                        float32
#   type: number, format: double:        float64
# In the gateway: the document has `format: double`, and no minItems for uploads. Needs Java and Go.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check openapi-generator-cli==7.26.0
cd "$work"
generate() { # NAME, LIMIT OF THE LIST, FORMAT OF THE AMOUNT
    cat >"$1.json" <<JSON
{
  "openapi": "3.1.0",
  "info": { "title": "t", "version": "1" },
  "paths": {
    "/read": {
      "post": {
        "operationId": "read",
        "requestBody": {
          "required": true,
          "content": {
            "multipart/form-data": {
              "schema": {
                "type": "object",
                "required": ["image"],
                "properties": {
                  "image": { "type": "array", $2 "items": { "type": "string", "format": "binary" } }
                }
              }
            }
          }
        },
        "responses": {
          "200": {
            "description": "read",
            "content": { "application/json": { "schema": { "\$ref": "#/components/schemas/Receipt" } } }
          }
        }
      }
    }
  },
  "components": {
    "schemas": {
      "Receipt": { "type": "object", "required": ["total"], "properties": { "total": { "type": "number" $3 } } }
    }
  }
}
JSON
    venv/bin/openapi-generator-cli generate -g go -i "$1.json" -o "$1" \
        --additional-properties=withGoMod=true >"$1.log" 2>&1
    rm -rf "$1/test"
    grep -o 'Total float[0-9]*' "$1/model_receipt.go" | head -1
    if (cd "$1" && GOFLAGS=-mod=mod GOPROXY=off go build ./... >go.log 2>&1); then
        echo compiles
    else
        grep -o 'invalid operation: cannot indirect' "$1/go.log" | head -1
    fi
}
plain=$(generate plain '"minItems": 1,' '')
doubled=$(generate doubled '' ', "format": "double"')
echo "minItems, no format: $plain"
echo "no minItems, double: $doubled"
expected="Total float32
invalid operation: cannot indirect"
[ "$plain" = "$expected" ] && [ "$doubled" = "Total float64
compiles" ] || { echo "this has changed" >&2; exit 1; }
